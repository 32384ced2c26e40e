// Deformable convolution as columns: the elements at which each place of a kernel looks, which lie between those of the
// image, wherever the offsets say. The rest of the convolution is a matrix product.
//
// Columns are [images, channels, kernel rows, kernel columns, output rows, output columns], offsets
// [images, groups, kernel rows, kernel columns, 2, output rows, output columns], the mask the same without the 2.
#include <algorithm>
#include <cmath>

#include "kernels/kernel.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

constexpr int64_t kDeformGrain = 8192;

struct DeformAxis {
  int64_t in, kernel, out, stride, padding, dilation;

  explicit DeformAxis(Params& params)
      : in(params.integer()), kernel(params.integer()), out(params.integer()), stride(params.integer()),
        padding(params.integer()), dilation(params.integer()) {}

  int64_t at(int64_t i, int64_t k) const { return i * stride - padding + k * dilation; }
};

// A place between four elements of a plane, those outside of it being 0.
template <class T>
struct Corners {
  int64_t y, x, height, width;
  T down, across;  // how far the place is behind the first element
  bool isNear;     // whether any of the four can be inside

  Corners(T atY, T atX, int64_t height, int64_t width) : height(height), width(width) {
    isNear = atY >= T(-1) && atY < static_cast<T>(height) && atX >= T(-1) && atX < static_cast<T>(width);
    const T floorY = isNear ? std::floor(atY) : T(0), floorX = isNear ? std::floor(atX) : T(0);
    y = static_cast<int64_t>(floorY), x = static_cast<int64_t>(floorX);
    down = atY - floorY, across = atX - floorX;
  }

  bool isInside(int64_t i, int64_t j) const { return y + i >= 0 && y + i < height && x + j >= 0 && x + j < width; }
  T read(const T* plane, int64_t i, int64_t j) const {
    return isInside(i, j) ? plane[(y + i) * width + x + j] : T(0);
  }
  T weight(int64_t i, int64_t j) const { return (i ? down : 1 - down) * (j ? across : 1 - across); }

  T value(const T* plane) const {
    if (!isNear) return 0;
    return weight(0, 0) * read(plane, 0, 0) + weight(0, 1) * read(plane, 0, 1) + weight(1, 0) * read(plane, 1, 0) +
           weight(1, 1) * read(plane, 1, 1);
  }
  // The derivative of the value by the place.
  T slopeY(const T* plane) const {
    if (!isNear) return 0;
    return across * (read(plane, 1, 1) - read(plane, 0, 1)) + (1 - across) * (read(plane, 1, 0) - read(plane, 0, 0));
  }
  T slopeX(const T* plane) const {
    if (!isNear) return 0;
    return down * (read(plane, 1, 1) - read(plane, 1, 0)) + (1 - down) * (read(plane, 0, 1) - read(plane, 0, 0));
  }
  void add(T* plane, T value) const {
    if (!isNear) return;
    for (int64_t i = 0; i < 2; ++i) {
      for (int64_t j = 0; j < 2; ++j) {
        if (isInside(i, j)) plane[(y + i) * width + x + j] += weight(i, j) * value;
      }
    }
  }
};

template <class T>
struct Deform {
  int64_t images, channels, groups;
  DeformAxis y, x;
  const T *offset, *mask;  // mask: null for none

  explicit Deform(Params& params)
      : images(params.integer()), channels(params.integer()), groups(params.integer()), y(params), x(params),
        offset(params.pointer<T>()), mask(params.pointer<T>()) {}

  int64_t places() const { return y.out * x.out; }
  int64_t kernel() const { return y.kernel * x.kernel; }
  int64_t planeSize() const { return y.in * x.in; }
  int64_t perGroup() const { return channels / groups; }
  int64_t grain(int64_t work) const { return 1 + kDeformGrain / std::max<int64_t>(1, work); }

  // Calls body(place in the output, corners, factor) for one place k of the kernel, with the offsets of a group.
  template <class Body>
  void forPlaces(int64_t image, int64_t group, int64_t k, const Body& body) const {
    const int64_t at = (image * groups + group) * kernel() + k;
    const T *down = offset + 2 * at * places(), *across = down + places();
    const T* factors = mask == nullptr ? nullptr : mask + at * places();
    for (int64_t i = 0, p = 0; i < y.out; ++i) {
      for (int64_t j = 0; j < x.out; ++j, ++p) {
        const T atY = static_cast<T>(y.at(i, k / x.kernel)) + down[p], atX = static_cast<T>(x.at(j, k % x.kernel)) + across[p];
        body(p, Corners<T>(atY, atX, y.in, x.in), factors == nullptr ? T(1) : factors[p]);
      }
    }
  }

  // Sizes of what has no elements may be so large that their product is no number.
  bool isEmpty() const { return images == 0 || channels == 0; }

  void columns(const T* in, T* out) const {
    if (isEmpty()) return;
    parallelFor(images * channels, grain(kernel() * places()), [&](int64_t begin, int64_t end) {
      for (int64_t plane = begin; plane < end; ++plane) {
        const T* from = in + plane * planeSize();
        for (int64_t k = 0; k < kernel(); ++k) {
          T* to = out + (plane * kernel() + k) * places();
          forPlaces(plane / channels, plane % channels / perGroup(), k,
                    [&](int64_t p, const Corners<T>& corners, T factor) { to[p] = factor * corners.value(from); });
        }
      }
    });
  }

  void inputGradient(const T* gradColumns, T* grad) const {
    if (isEmpty()) return;
    parallelFor(images * channels, grain(kernel() * places()), [&](int64_t begin, int64_t end) {
      for (int64_t plane = begin; plane < end; ++plane) {
        T* to = grad + plane * planeSize();
        std::fill_n(to, planeSize(), T(0));
        for (int64_t k = 0; k < kernel(); ++k) {
          const T* from = gradColumns + (plane * kernel() + k) * places();
          forPlaces(plane / channels, plane % channels / perGroup(), k,
                    [&](int64_t p, const Corners<T>& corners, T factor) { corners.add(to, factor * from[p]); });
        }
      }
    });
  }

  void placeGradients(const T* in, const T* gradColumns, T* gradOffset, T* gradMask) const {
    if (images == 0) return;
    parallelFor(images * groups * kernel(), grain(perGroup() * places()), [&](int64_t begin, int64_t end) {
      for (int64_t at = begin; at < end; ++at) {
        const int64_t image = at / kernel() / groups, group = at / kernel() % groups, k = at % kernel();
        T *down = gradOffset + 2 * at * places(), *across = down + places();
        forPlaces(image, group, k, [&](int64_t p, const Corners<T>& corners, T factor) {
          T sumY = 0, sumX = 0, sum = 0;
          for (int64_t c = group * perGroup(); c < (group + 1) * perGroup(); ++c) {
            const T* plane = in + (image * channels + c) * planeSize();
            const T one = gradColumns[((image * channels + c) * kernel() + k) * places() + p];
            sumY += one * corners.slopeY(plane);
            sumX += one * corners.slopeX(plane);
            if (gradMask != nullptr) sum += one * corners.value(plane);
          }
          down[p] = factor * sumY;
          across[p] = factor * sumX;
          if (gradMask != nullptr) gradMask[at * places() + p] = sum;
        });
      }
    });
  }
};

}  // namespace

// (dtype, geometry, offset, mask or 0, input, columns)
FLAMBEAU_KERNEL(deformColumns) {
  dispatchFloating(params.dtype(), [&]<class T>(T) {
    const Deform<T> deform(params);
    const T* in = params.pointer<T>();
    deform.columns(in, params.pointer<T>());
  });
}

// (dtype, geometry, offset, mask or 0, gradient of the columns, gradient of the input)
FLAMBEAU_KERNEL(deformColumnsInput) {
  dispatchFloating(params.dtype(), [&]<class T>(T) {
    const Deform<T> deform(params);
    const T* gradColumns = params.pointer<T>();
    deform.inputGradient(gradColumns, params.pointer<T>());
  });
}

// (dtype, geometry, offset, mask or 0, input, gradient of the columns, that of the offset, that of the mask or 0)
FLAMBEAU_KERNEL(deformColumnsPlaces) {
  dispatchFloating(params.dtype(), [&]<class T>(T) {
    const Deform<T> deform(params);
    const T* in = params.pointer<T>();
    const T* gradColumns = params.pointer<T>();
    T* gradOffset = params.pointer<T>();
    deform.placeGradients(in, gradColumns, gradOffset, params.pointer<T>());
  });
}

}  // namespace flambeau
