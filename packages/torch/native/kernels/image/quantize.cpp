// Images in few colours.
#include "kernels/image/quantize.h"

#include "kernels/image/bytes.h"
#include "kernels/kernel.h"
#include "runtime/refuse.h"
#include "runtime/threads.h"

namespace flambeau {
namespace {

using namespace quantize;

// The ways to choose, in the order of image.ts.
enum Method { kMedianCut, kMaxCoverage, kFastOctree };

std::vector<Colour> chooseByHistogram(Method method, const uint8_t* pixels, int64_t count, int colours, int64_t rounds,
                                      uint8_t* places) {
  const Histogram histogram(pixels, count);
  Choice choice = method == kMedianCut ? cutBoxes(histogram, colours) : coverColours(histogram, colours);
  if (rounds > 0) refine(histogram, choice, rounds - 1);
  parallelFor(count, kImageGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const uint8_t* pixel = pixels + 3 * i;
      // Pixels that another thread has changed meanwhile may have a colour that was not there.
      const int found = histogram.find({pixel[0], pixel[1], pixel[2]});
      places[i] = static_cast<uint8_t>(found < 0 ? 0 : choice.places[found]);
    }
  });
  return choice.palette;
}

}  // namespace

// out[i] = which of at most so many colours stands for a pixel, and these colours with opacity: (method, colours, kmeans,
// bands, pixels, their bytes, out, palette). Only cubes know of opacity, and only boxes and coverage of means. The result
// is how many colours there are.
FLAMBEAU_KERNEL(quantizeBytes) {
  const auto method = static_cast<Method>(params.integer());
  const int64_t colours = params.integer(), means = params.integer(), bands = params.integer(), count = params.integer();
  const auto* pixels = params.pointer<const uint8_t>();
  auto* places = params.pointer<uint8_t>();
  auto* out = params.pointer<uint8_t>();
  const bool isKnown = bands == 3 || (bands == 4 && method == kFastOctree);
  if (!isKnown || colours < 1 || colours > kMostColours || count < 1) refuse("no image is brought to such colours");
  const auto palette = method == kFastOctree
                           ? chooseCubes(pixels, count, static_cast<int>(bands), static_cast<int>(colours), places)
                           : chooseByHistogram(method, pixels, count, static_cast<int>(colours), means, places);
  for (const Colour& colour : palette) {
    for (const uint8_t value : {colour.red, colour.green, colour.blue, colour.opacity}) *out++ = value;
  }
  params.result(0, static_cast<double>(palette.size()));
}

}  // namespace flambeau
