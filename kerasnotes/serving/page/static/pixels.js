// From strokes and pictures to what a model takes.
//
// A drawn character is fitted as those of the training data were: its box
// fills a part of the frame, lines have a width of their own whatever the
// size of the drawing, and it is centred by its box or by its mass.

// MNIST: a box of 20 in 28, centred by mass. UCI digits: the whole height, as
// wide as that makes them but for the outermost columns. Measured on both
// sets: lines are 9 % and 16 % of a side.
const FITS = {
  large: { height: 20 / 28, width: 20 / 28, pen: 0.09, byMass: true },
  small: { height: 1, width: 0.75, pen: 0.16, byMass: false },
};
const SMALL_SIDE = 16;
// Pixels of the working picture for one of the model's, each way.
const FINE = 8;
// Drawings below this part of the pad are not blown up: a dot stays a dot.
const LEAST = 0.12;

function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.fillStyle = "black";
  context.fillRect(0, 0, width, height);
  return { canvas, context };
}

// Draws strokes, lists of points `[x, y]`, as white lines.
export function drawStrokes(context, strokes, width, place = (p) => p) {
  context.strokeStyle = context.fillStyle = "white";
  context.lineWidth = width;
  context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) {
    const points = stroke.map(place);
    context.beginPath();
    if (points.length === 1) {
      context.arc(points[0][0], points[0][1], width / 2, 0, 2 * Math.PI);
      context.fill();
      continue;
    }
    context.moveTo(...points[0]);
    // Curves through the middles of the segments: smooth, and local.
    for (let i = 1; i < points.length - 1; i += 1) {
      const [x, y] = points[i];
      const [nextX, nextY] = points[i + 1];
      context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
    }
    context.lineTo(...points.at(-1));
    context.stroke();
  }
}

// Draws a picture so that it covers the canvas, its middle in the middle.
export function drawCover(context, image) {
  const { width, height } = context.canvas;
  const from = { width: image.width, height: image.height };
  const scale = Math.max(width / from.width, height / from.height);
  const [w, h] = [width / scale, height / scale];
  const [x, y] = [(from.width - w) / 2, (from.height - h) / 2];
  context.drawImage(image, x, y, w, h, 0, 0, width, height);
}

// Returns strokes fitted into a frame, as a picture of `FINE` times its size.
function fitted(strokes, height, width) {
  const small = Math.min(height, width) <= SMALL_SIDE;
  const fit = small ? FITS.small : FITS.large;
  const [h, w] = [FINE * height, FINE * width];
  const pen = fit.pen * Math.min(h, w);
  const [left, right] = range(strokes, 0);
  const [top, bottom] = range(strokes, 1);
  const [roomX, roomY] = [fit.width * w - pen, fit.height * h - pen];
  const across = roomX / Math.max(right - left, LEAST);
  const down = roomY / Math.max(bottom - top, LEAST);
  // Large frames keep the proportions; small ones are always filled.
  const scaleY = small ? Math.min(down, 3 * across) : Math.min(down, across);
  const scaleX = Math.min(across, scaleY);
  const paint = (centreX, centreY) => {
    const made = canvasOf(w, h);
    drawStrokes(made.context, strokes, pen, ([x, y]) => [
      w / 2 + (x - centreX) * scaleX,
      h / 2 + (y - centreY) * scaleY,
    ]);
    return made;
  };
  const middle = [(left + right) / 2, (top + bottom) / 2];
  const first = paint(...middle);
  if (!fit.byMass) {
    return first;
  }
  const [x, y] = centreOfMass(first.context);
  return paint(
    middle[0] + (x - w / 2) / scaleX,
    middle[1] + (y - h / 2) / scaleY,
  );
}

// Returns the least and the greatest coordinate of all points.
function range(strokes, axis) {
  const all = strokes.flat().map((point) => point[axis]);
  return all.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
}

function centreOfMass(context) {
  const { width, height } = context.canvas;
  const { data } = context.getImageData(0, 0, width, height);
  let [mass, sumX, sumY] = [0, 0, 0];
  for (let i = 0; i < data.length; i += 4) {
    const ink = data[i];
    const pixel = i / 4;
    mass += ink;
    sumX += ink * (pixel % width);
    sumY += ink * Math.floor(pixel / width);
  }
  return mass
    ? [sumX / mass + 0.5, sumY / mass + 0.5]
    : [width / 2, height / 2];
}

// Returns the means of blocks of `FINE` pixels: `height * width * 3` values
// from 0 to 255.
function shrink(context, height, width) {
  const { data } = context.getImageData(0, 0, width * FINE, height * FINE);
  const sums = new Float64Array(height * width * 3);
  for (let y = 0; y < height * FINE; y += 1) {
    for (let x = 0; x < width * FINE; x += 1) {
      const from = 4 * (y * width * FINE + x);
      const to = 3 * (Math.floor(y / FINE) * width + Math.floor(x / FINE));
      for (let c = 0; c < 3; c += 1) {
        sums[to + c] += data[from + c];
      }
    }
  }
  return sums.map((sum) => sum / FINE ** 2);
}

// Returns what the model is to see, `height * width * 3` values from 0 to 255.
//   drawing  {strokes, image}: strokes in parts of the pad, 0 to 1
export function render(drawing, height, width) {
  let made;
  if (drawing.image) {
    made = canvasOf(FINE * width, FINE * height);
    drawCover(made.context, drawing.image);
    const side = FINE * Math.min(width, height);
    drawStrokes(made.context, drawing.strokes, 0.07 * side, ([x, y]) => [
      x * FINE * width,
      y * FINE * height,
    ]);
  } else {
    made = fitted(drawing.strokes, height, width);
  }
  return shrink(made.context, height, width);
}

// Returns a nested list `[height][width][channels]` in the model's own range.
//   model  {shape, limits, whole}: whole if values are integers
export function toValues(pixels, model) {
  const [height, width, channels] = model.shape;
  const [low, high] = model.limits;
  const scale = (value) => {
    const raw = low + (value / 255) * (high - low);
    return model.whole ? Math.round(raw) : Number(raw.toPrecision(4));
  };
  const one = (i) => {
    const rgb = [pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]];
    if (channels >= 3) {
      const more = Array(channels - 3).fill(scale(255));
      return [...rgb.map(scale), ...more];
    }
    // ITU-R 601, as Pillow turns colours to grey.
    const grey = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
    return Array(channels).fill(scale(grey));
  };
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => one(y * width + x)),
  );
}

// Paints values from 0 to 255, three a pixel, onto a small canvas.
export function paint(canvas, pixels, height, width) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let i = 0; i < height * width; i += 1) {
    for (let c = 0; c < 3; c += 1) {
      image.data[4 * i + c] = pixels[3 * i + c];
    }
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

// Returns a canvas as PNG, a Blob.
export function toPng(canvas) {
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

// Returns a Blob's bytes in base64.
export function toBase64(blob) {
  return new Promise((done, fail) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.split(",")[1]);
    reader.onerror = () => fail(reader.error);
    reader.readAsDataURL(blob);
  });
}
