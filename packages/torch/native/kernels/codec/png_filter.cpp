// The filters of PNG: rows of bytes as differences to their neighbours, which a byte before each row tells of.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "kernels/kernel.h"
#include "runtime/refuse.h"
#include "runtime/scratch.h"

namespace flambeau {
namespace {

constexpr int kFilters = 5;  // none, left, above, mean, Paeth

inline int paeth(int left, int above, int corner) {
  const int toLeft = std::abs(above - corner), toAbove = std::abs(left - corner), toCorner = std::abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

// What a filter expects of a byte.
template <int filter>
inline int expected(int left, int above, int corner) {
  if constexpr (filter == 1) return left;
  if constexpr (filter == 2) return above;
  if constexpr (filter == 3) return (left + above) >> 1;
  if constexpr (filter == 4) return paeth(left, above, corner);
  return 0;
}

// `above` is the row before, of zeros for the first one; a pixel has `step` bytes.
template <int filter, int step>
void restoreRow(const uint8_t* from, const uint8_t* above, int64_t size, uint8_t* row) {
  for (int64_t x = 0; x < std::min<int64_t>(step, size); ++x) row[x] = static_cast<uint8_t>(from[x] + expected<filter>(0, above[x], 0));
  for (int64_t x = step; x < size; ++x) {
    row[x] = static_cast<uint8_t>(from[x] + expected<filter>(row[x - step], above[x], above[x - step]));
  }
}

template <int step>
void restoreRow(int filter, const uint8_t* from, const uint8_t* above, int64_t size, uint8_t* row) {
  switch (filter) {
    case 0:
      std::memcpy(row, from, size);
      break;
    case 1:
      restoreRow<1, step>(from, above, size, row);
      break;
    case 2:
      restoreRow<2, step>(from, above, size, row);
      break;
    case 3:
      restoreRow<3, step>(from, above, size, row);
      break;
    default:
      restoreRow<4, step>(from, above, size, row);
  }
}

template <class Body>
void withStep(int64_t step, const Body& body) {
  switch (step) {
    case 1: return body(std::integral_constant<int, 1>{});
    case 2: return body(std::integral_constant<int, 2>{});
    case 3: return body(std::integral_constant<int, 3>{});
    case 4: return body(std::integral_constant<int, 4>{});
    case 6: return body(std::integral_constant<int, 6>{});
    case 8: return body(std::integral_constant<int, 8>{});
    default: refuse("no pixel of a PNG has so many bytes");
  }
}

// Writes differences, and returns how great they are together: small ones are packed well.
template <int filter>
int64_t filterRow(const uint8_t* row, const uint8_t* above, int64_t size, int64_t step, uint8_t* out) {
  int64_t sum = 0;
  for (int64_t x = 0; x < std::min(step, size); ++x) out[x] = static_cast<uint8_t>(row[x] - expected<filter>(0, above[x], 0));
  for (int64_t x = step; x < size; ++x) {
    out[x] = static_cast<uint8_t>(row[x] - expected<filter>(row[x - step], above[x], above[x - step]));
  }
  for (int64_t x = 0; x < size; ++x) sum += std::abs(static_cast<int8_t>(out[x]));
  return sum;
}

}  // namespace

// (address of the filtered rows, number of rows, bytes in a row and in a pixel, address of the result [rows, bytes]): a
// filtered row has a byte more, which names the filter. Fails where there is no such filter.
FLAMBEAU_KERNEL(pngUnfilter) {
  const auto* from = params.pointer<const uint8_t>();
  const int64_t rows = params.integer(), size = params.integer(), step = params.integer();
  auto* out = params.pointer<uint8_t>();
  for (int64_t y = 0; y < rows; ++y) {
    if (from[y * (size + 1)] >= kFilters) return params.fail(1, from[y * (size + 1)]);
  }
  ThreadScratch memory;
  uint8_t* const zeros = memory.reserve<uint8_t>(size + 1);
  std::memset(zeros, 0, size);
  withStep(step, [&]<int bytes>(std::integral_constant<int, bytes>) {
    const uint8_t* above = zeros;
    for (int64_t y = 0; y < rows; ++y, from += size + 1, above = out, out += size) {
      restoreRow<bytes>(from[0], from + 1, above, size, out);
    }
  });
}

// (address of rows, their number, bytes in a row and in a pixel, address of the filtered rows): takes for each row the
// filter after which least is left.
FLAMBEAU_KERNEL(pngFilter) {
  const auto* row = params.pointer<const uint8_t>();
  const int64_t rows = params.integer(), size = params.integer(), step = params.integer();
  auto* out = params.pointer<uint8_t>();
  ThreadScratch memory;
  uint8_t* const zeros = memory.reserve<uint8_t>((kFilters + 1) * size + 1);
  std::memset(zeros, 0, size);
  const uint8_t* above = zeros;
  for (int64_t y = 0; y < rows; ++y, above = row, row += size, out += size + 1) {
    uint8_t* const tries = zeros + size;
    const int64_t sums[kFilters] = {
        filterRow<0>(row, above, size, step, tries),
        filterRow<1>(row, above, size, step, tries + size),
        filterRow<2>(row, above, size, step, tries + 2 * size),
        filterRow<3>(row, above, size, step, tries + 3 * size),
        filterRow<4>(row, above, size, step, tries + 4 * size),
    };
    const auto best = std::min_element(sums, sums + kFilters) - sums;
    out[0] = static_cast<uint8_t>(best);
    std::memcpy(out + 1, tries + best * size, size);
  }
}

}  // namespace flambeau
