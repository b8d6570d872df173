"""Folders of images with masks."""
