"""What the verbs share: options, printing, hints, explained mistakes."""
