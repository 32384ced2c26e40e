// Images at the places of a grid that all of them share, as PyTorch's grid_sample gives them, and a colour for what is
// outside of them.
#include "kernels/image/bytes.h"
#include "kernels/kernel.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

// Places whose neighbours are found at once, and then used for plane after plane.
constexpr int kPlaces = 256;

// Four neighbours, of which those outside of the image have no weight.
template <class T>
struct Bilinear {
  static constexpr int kNeighbours = 4;
  int32_t index[kNeighbours][kPlaces];
  T weight[kNeighbours][kPlaces];
  T inside[kPlaces];

  void find(const T* grid, int64_t height, int64_t width, int count) {
    for (int j = 0; j < count; ++j) {
      const T x = place(grid[2 * j], width), y = place(grid[2 * j + 1], height);
      const T left = std::floor(x), top = std::floor(y), dx = x - left, dy = y - top;
      const T wx[2] = {T(1) - dx, dx}, wy[2] = {T(1) - dy, dy};
      T sum = 0;
      for (int n = 0; n < kNeighbours; ++n) {
        const T column = left + n % 2, row = top + n / 2;
        const bool isInside = column >= 0 && column < width && row >= 0 && row < height;
        const T w = wx[n % 2] * wy[n / 2];
        weight[n][j] = isInside ? w : T(0);
        index[n][j] = isInside ? static_cast<int32_t>(row) * static_cast<int32_t>(width) + static_cast<int32_t>(column) : 0;
        sum += weight[n][j];
      }
      inside[j] = sum;
    }
  }

  // A place from -1 to 1 as one among the elements; what is far outside comes no nearer than it was.
  static T place(T at, int64_t size) {
    const T place = (at + T(1)) * (T(size) / T(2)) - T(0.5);
    return place > T(-2) && place < T(size + 2) ? place : T(-2);
  }

  template <class E>
  T value(const E* plane, int j) const {
    return plane[index[0][j]] * weight[0][j] + plane[index[1][j]] * weight[1][j] + plane[index[2][j]] * weight[2][j] +
           plane[index[3][j]] * weight[3][j];
  }
  T filled(T value, T fill, int j) const { return value * inside[j] + (T(1) - inside[j]) * fill; }
};

template <class T>
struct Nearest {
  int32_t index[kPlaces];
  bool inside[kPlaces];

  void find(const T* grid, int64_t height, int64_t width, int count) {
    for (int j = 0; j < count; ++j) {
      const T column = std::nearbyint(Bilinear<T>::place(grid[2 * j], width));
      const T row = std::nearbyint(Bilinear<T>::place(grid[2 * j + 1], height));
      inside[j] = column >= 0 && column < width && row >= 0 && row < height;
      index[j] = inside[j] ? static_cast<int32_t>(row) * static_cast<int32_t>(width) + static_cast<int32_t>(column) : 0;
    }
  }

  template <class E>
  T value(const E* plane, int j) const {
    return inside[j] ? static_cast<T>(plane[index[j]]) : T(0);
  }
  T filled(T value, T fill, int j) const { return inside[j] ? value : fill; }
};

template <class E, class T>
E stored(T value) {
  if constexpr (std::is_same_v<E, uint8_t>) return rounded(value);
  else return value;
}

// E is the type of elements, T that in which is computed and that of the grid.
template <class E, class T, template <class> class Rule>
void sampleImages(Params& params) {
  const int64_t planes = params.integer(), fills = params.integer(), height = params.integer(), width = params.integer(),
                places = params.integer();
  const T* fill = params.pointer<T>();
  const T* grid = params.pointer<T>();
  const E* in = params.pointer<E>();
  E* out = params.pointer<E>();
  if (height * width > INT32_MAX) refuse("an image has up to 2^31 - 1 pixels");
  const int64_t pieces = (places + kPlaces - 1) / kPlaces;
  parallelFor(pieces, 1 + kImageGrain / (8 * kPlaces * std::max<int64_t>(1, planes)), [&](int64_t begin, int64_t end) {
    Rule<T> rule;
    for (int64_t i = begin; i < end; ++i) {
      const int64_t from = i * kPlaces;
      const int count = static_cast<int>(std::min<int64_t>(kPlaces, places - from));
      rule.find(grid + 2 * from, height, width, count);
      for (int64_t p = 0; p < planes; ++p) {
        const E* plane = in + p * height * width;
        E* to = out + p * places + from;
        if (fills == 0) {
          for (int j = 0; j < count; ++j) to[j] = stored<E>(rule.value(plane, j));
        } else {
          const T colour = fill[p % fills];
          for (int j = 0; j < count; ++j) to[j] = stored<E>(rule.filled(rule.value(plane, j), colour, j));
        }
      }
    }
  });
}

template <template <class> class Rule>
void sampleOf(DType dtype, Params& params) {
  switch (dtype) {
    case DType::UInt8: return sampleImages<uint8_t, float, Rule>(params);
    case DType::Float32: return sampleImages<float, float, Rule>(params);
    case DType::Float64: return sampleImages<double, double, Rule>(params);
    default: refuse("images are sampled as bytes, float32 or float64");
  }
}

}  // namespace

// (dtype, whether bilinear, planes, colours of the outside or 0, height, width, places, the colours, grid of x and y, input,
// output)
FLAMBEAU_KERNEL(sampleImages) {
  const DType dtype = params.dtype();
  if (params.flag()) sampleOf<Bilinear>(dtype, params);
  else sampleOf<Nearest>(dtype, params);
}

}  // namespace flambeau
