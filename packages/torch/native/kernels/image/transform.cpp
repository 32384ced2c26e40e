// Affine and perspective maps of images with their colours side by side, as PIL computes them: in float64, or for the
// nearest pixel in integers of 16 bits behind the point.
#include "kernels/image/bytes.h"
#include "kernels/kernel.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

// In the order of src/backend/cpu/image.ts.
enum class Filter { Nearest, Bilinear, Bicubic };

struct Image {
  const uint8_t* bytes;
  int64_t width, height, colours;

  const uint8_t* row(int64_t y) const { return bytes + std::clamp<int64_t>(y, 0, height - 1) * width * colours; }
  int64_t column(int64_t x) const { return std::clamp<int64_t>(x, 0, width - 1) * colours; }
  bool contains(double x, double y) const { return x >= 0 && x < width && y >= 0 && y < height; }
};

// Where in the input a pixel of the output lies.
struct Map {
  double c[8];
  bool isAffine;

  void at(int64_t column, int64_t row, double& x, double& y) const {
    const double u = column + 0.5, v = row + 0.5;
    x = c[0] * u + c[1] * v + c[2];
    y = c[3] * u + c[4] * v + c[5];
    if (isAffine) return;
    const double w = c[6] * u + c[7] * v + 1;
    x /= w;
    y /= w;
  }
};

void copyPixel(const Image& in, int64_t x, int64_t y, uint8_t* to) {
  const uint8_t* from = in.bytes + (y * in.width + x) * in.colours;
  for (int64_t c = 0; c < in.colours; ++c) to[c] = from[c];
}

// The nearest pixels of a row, whose places are summed up from one to the next as PIL does it.
template <class T, class Whole>
void nearestRow(const Image& in, T x, T y, T stepX, T stepY, int64_t width, uint8_t* to, const Whole& whole) {
  for (int64_t i = 0; i < width; ++i, x += stepX, y += stepY, to += in.colours) {
    const int64_t column = whole(x), row = whole(y);
    if (column >= 0 && column < in.width && row >= 0 && row < in.height) copyPixel(in, column, row, to);
  }
}

void linearPixel(const Image& in, double x, double y, uint8_t* to) {
  const double left = std::floor(x - 0.5), top = std::floor(y - 0.5), dx = x - 0.5 - left, dy = y - 0.5 - top;
  const int64_t column = static_cast<int64_t>(left), row = static_cast<int64_t>(top);
  const uint8_t *a = in.row(row), *b = in.row(row + 1);
  const int64_t first = in.column(column), second = in.column(column + 1);
  for (int64_t c = 0; c < in.colours; ++c) {
    const double above = a[first + c] + (a[second + c] - a[first + c]) * dx;
    const double below = b[first + c] + (b[second + c] - b[first + c]) * dx;
    to[c] = static_cast<uint8_t>(above + (below - above) * dy);
  }
}

double cubic(double v1, double v2, double v3, double v4, double d) {
  return v2 + d * (v3 - v1 + d * (2 * (v1 - v2) + v3 - v4 + d * (v2 - v1 - v3 + v4)));
}

void cubicPixel(const Image& in, double x, double y, uint8_t* to) {
  const double left = std::floor(x - 0.5), top = std::floor(y - 0.5), dx = x - 0.5 - left, dy = y - 0.5 - top;
  const int64_t column = static_cast<int64_t>(left) - 1, row = static_cast<int64_t>(top) - 1;
  int64_t at[4];
  for (int k = 0; k < 4; ++k) at[k] = in.column(column + k);
  for (int64_t c = 0; c < in.colours; ++c) {
    double sums[4];
    for (int k = 0; k < 4; ++k) {
      const uint8_t* p = in.row(row + k) + c;
      sums[k] = cubic(p[at[0]], p[at[1]], p[at[2]], p[at[3]], dx);
    }
    to[c] = truncated(cubic(sums[0], sums[1], sums[2], sums[3], dy));
  }
}

// PIL cuts off the fraction of what is not negative.
int64_t wholeOf(double value) { return value < 0 || !(value < 0x1p31) ? -1 : static_cast<int64_t>(value); }

int64_t fixedOf(double value) { return static_cast<int64_t>(std::floor(value * 65536.0 + 0.5)); }

// Whether places stay where integers can tell them.
bool fitsFixed(const Map& map, int64_t width, int64_t height) {
  const double* c = map.c;
  const double xs[2] = {0, static_cast<double>(width)}, ys[2] = {0, static_cast<double>(height)};
  for (const double x : xs) {
    for (const double y : ys) {
      const bool fits = std::abs(x * c[0] + y * c[1] + c[2]) < 32768.0 && std::abs(x * c[3] + y * c[4] + c[5]) < 32768.0;
      if (!fits) return false;
    }
  }
  return true;
}

}  // namespace

// (filter, whether affine, eight coefficients; width, height, colours of the input; width and height of the output;
// input, output, which has the colour of what is outside in all its pixels)
FLAMBEAU_KERNEL(transformBytes) {
  const auto filter = static_cast<Filter>(params.integer());
  Map map;
  map.isAffine = params.flag();
  for (double& c : map.c) c = params.number();
  Image in;
  in.width = params.integer();
  in.height = params.integer();
  in.colours = params.integer();
  const int64_t width = params.integer(), height = params.integer();
  in.bytes = params.pointer<uint8_t>();
  uint8_t* out = params.pointer<uint8_t>();
  const double* c = map.c;
  const bool isNearest = filter == Filter::Nearest && map.isAffine;
  const bool isScaling = c[1] == 0 && c[3] == 0;
  const bool isFixed = isNearest && !isScaling && fitsFixed(map, width, height);
  const double x0 = c[2] + c[1] * 0.5 + c[0] * 0.5, y0 = c[5] + c[4] * 0.5 + c[3] * 0.5;
  parallelFor(height, 1 + kImageGrain / (8 * std::max<int64_t>(1, width)), [&](int64_t begin, int64_t end) {
    for (int64_t y = begin; y < end; ++y) {
      uint8_t* to = out + y * width * in.colours;
      if (isFixed) {
        const int64_t x1 = fixedOf(c[2] + c[0] * 0.5 + c[1] * 0.5) + y * fixedOf(c[1]);
        const int64_t y1 = fixedOf(c[5] + c[3] * 0.5 + c[4] * 0.5) + y * fixedOf(c[4]);
        nearestRow(in, x1, y1, fixedOf(c[0]), fixedOf(c[3]), width, to, [](int64_t v) { return v >> 16; });
      } else if (isNearest) {
        double x1 = x0, y1 = y0;
        for (int64_t i = 0; i < y; ++i) x1 += c[1], y1 += c[4];
        nearestRow(in, x1, y1, c[0], c[3], width, to, wholeOf);
      } else {
        for (int64_t x = 0; x < width; ++x, to += in.colours) {
          double column, row;
          map.at(x, y, column, row);
          if (!in.contains(column, row)) continue;
          switch (filter) {
            case Filter::Nearest: copyPixel(in, static_cast<int64_t>(column), static_cast<int64_t>(row), to); break;
            case Filter::Bilinear: linearPixel(in, column, row, to); break;
            case Filter::Bicubic: cubicPixel(in, column, row, to); break;
          }
        }
      }
    }
  });
}

}  // namespace flambeau
