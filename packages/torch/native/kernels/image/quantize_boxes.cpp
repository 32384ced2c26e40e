// Colours as the means of boxes that are cut at their medians.
#include <algorithm>
#include <numeric>

#include "kernels/image/quantize.h"

namespace flambeau::quantize {
namespace {

// Different colours that boxes are made of: where an image has more, lower bits are left out.
constexpr int kMostCells = 65536;
// How much the eye sees of red, green and blue.
constexpr int kWeights[3] = {77, 150, 29};

struct Cells {
  Histogram histogram;
  std::vector<int> of;  // the cell of each colour
};

Cells cellsOf(const Histogram& colours, int shift) {
  Cells cells;
  for (int i = 0; i < colours.size(); ++i) {
    const Colour& colour = colours.colour(i);
    const auto upper = [&](uint8_t value) { return static_cast<uint8_t>(value >> shift); };
    cells.of.push_back(cells.histogram.add({upper(colour.red), upper(colour.green), upper(colour.blue)}, colours.count(i)));
  }
  return cells;
}

// A part of the cells, how many pixels it has, and between which values they lie.
struct Box {
  int begin, end;
  int64_t pixels;
  int least[3], most[3];

  bool isOneColour() const { return std::equal(least, least + 3, most); }
};

// Boxes with the largest on top. Which of two equal ones comes first is as in PIL's heap.
class BoxHeap {
 public:
  void add(const Box& box) {
    heap_.push_back(box);
    size_t at = heap_.size() - 1;
    for (; at > 0 && box.pixels > heap_[(at - 1) / 2].pixels; at = (at - 1) / 2) heap_[at] = heap_[(at - 1) / 2];
    heap_[at] = box;
  }

  Box take() {
    const Box top = heap_.front(), last = heap_.back();
    heap_.pop_back();
    const size_t size = heap_.size();
    size_t at = 0;
    for (size_t child = 1; child < size; at = child, child = 2 * at + 1) {
      if (child + 1 < size && heap_[child].pixels < heap_[child + 1].pixels) ++child;
      if (last.pixels > heap_[child].pixels) break;
      heap_[at] = heap_[child];
    }
    if (size > 0) heap_[at] = last;
    return top;
  }

  bool isEmpty() const { return heap_.empty(); }

 private:
  std::vector<Box> heap_;
};

class Cutter {
 public:
  explicit Cutter(const Histogram& cells) : cells_(cells), order_(cells.size()) { std::iota(order_.begin(), order_.end(), 0); }

  // The boxes in the order of their cells.
  std::vector<Box> cut(int count) {
    std::vector<Box> whole;
    BoxHeap heap;
    heap.add(boxOf(0, cells_.size()));
    for (int wanted = count; wanted > 1 && !heap.isEmpty();) {
      const Box box = heap.take();
      if (box.isOneColour()) {
        whole.push_back(box);
        continue;
      }
      const int middle = divide(box);
      heap.add(boxOf(box.begin, middle));
      heap.add(boxOf(middle, box.end));
      --wanted;
    }
    while (!heap.isEmpty()) whole.push_back(heap.take());
    std::sort(whole.begin(), whole.end(), [](const Box& a, const Box& b) { return a.begin < b.begin; });
    return whole;
  }

  int cell(int at) const { return order_[at]; }

 private:
  Box boxOf(int begin, int end) const {
    Box box{begin, end, 0, {255, 255, 255}, {0, 0, 0}};
    for (int i = begin; i < end; ++i) {
      box.pixels += cells_.count(order_[i]);
      for (int band = 0; band < 3; ++band) {
        const int value = cells_.colour(order_[i])[band];
        box.least[band] = std::min(box.least[band], value);
        box.most[band] = std::max(box.most[band], value);
      }
    }
    return box;
  }

  // Brings the brighter half of a box, along the side that the eye sees as the longest, to its front.
  int divide(const Box& box) {
    const auto length = [&](int band) { return kWeights[band] * (box.most[band] - box.least[band]); };
    int axis = 0;
    for (int band = 1; band < 3; ++band) {
      if (length(band) > length(axis)) axis = band;
    }
    const int limit = medianOf(box, axis);
    const auto first = order_.begin();
    const auto isBright = [&](int cell) { return cells_.colour(cell)[axis] >= limit; };
    return static_cast<int>(std::partition(first + box.begin, first + box.end, isBright) - first);
  }

  // The greatest value such that more than half of the pixels have it or are above, but one that leaves something below.
  int medianOf(const Box& box, int axis) const {
    int64_t counts[256] = {};
    for (int i = box.begin; i < box.end; ++i) counts[cells_.colour(order_[i])[axis]] += cells_.count(order_[i]);
    int limit = box.most[axis];
    for (int64_t above = counts[limit]; 2 * above <= box.pixels; above += counts[limit]) --limit;
    return std::max(limit, box.least[axis] + 1);
  }

  const Histogram& cells_;
  std::vector<int> order_;
};

}  // namespace

Choice cutBoxes(const Histogram& histogram, int colours) {
  int shift = 0;
  Cells cells = cellsOf(histogram, shift);
  while (cells.histogram.size() > kMostCells) cells = cellsOf(histogram, ++shift);
  Cutter cutter(cells.histogram);
  const std::vector<Box> boxes = cutter.cut(colours);
  std::vector<int> placeOf(cells.histogram.size());
  for (size_t place = 0; place < boxes.size(); ++place) {
    for (int i = boxes[place].begin; i < boxes[place].end; ++i) placeOf[cutter.cell(i)] = static_cast<int>(place);
  }
  Choice choice;
  for (const int cell : cells.of) choice.places.push_back(placeOf[cell]);
  choice.palette.resize(boxes.size());
  takeMeans(histogram, choice);
  takeNearest(histogram, choice, Neighbours(choice.palette));
  return choice;
}

}  // namespace flambeau::quantize
