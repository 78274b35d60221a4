#include "sim/experiment/claims/conditions.hpp"

#include <algorithm>
#include <cstddef>

namespace baton::experiment {
namespace {

constexpr std::size_t most_boxes = 4;  // beyond it a list of conditions is no summary

/// A part of the grid: of each axis some values.
using Box = std::vector<std::vector<std::size_t>>;

class Grid {
 public:
  explicit Grid(const std::vector<AxisLabels>& axes) : axes_(axes) {}

  std::vector<std::size_t> place(std::size_t index) const {
    std::vector<std::size_t> at(axes_.size());
    for (std::size_t i = axes_.size(); i-- > 0;) {
      at[i] = index % axes_[i].values.size();
      index /= axes_[i].values.size();
    }
    return at;
  }

  /// The indices of a box's points.
  std::vector<std::size_t> points(const Box& box) const {
    std::vector<std::size_t> indices{0};
    for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
      std::vector<std::size_t> next;
      for (const std::size_t index : indices) {
        for (const std::size_t value : box[axis]) next.push_back(index * axes_[axis].values.size() + value);
      }
      indices = std::move(next);
    }
    return indices;
  }

  /// The box around a point, grown over the axes in turn, from `first` on, as far as all of it is `wanted`.
  Box grown(std::size_t seed, std::size_t first, const std::vector<bool>& wanted) const {
    Box box;
    for (const std::size_t value : place(seed)) box.push_back({value});
    for (std::size_t turn = 0; turn < axes_.size(); ++turn) {
      const std::size_t axis = (first + turn) % axes_.size();
      for (std::size_t value = 0; value < axes_[axis].values.size(); ++value) {
        if (std::ranges::find(box[axis], value) != box[axis].end()) continue;
        Box slice = box;
        slice[axis] = {value};
        if (std::ranges::all_of(points(slice), [&](std::size_t at) { return wanted[at]; }))
          box[axis].push_back(value);
      }
      std::ranges::sort(box[axis]);
    }
    return box;
  }

  /// Boxes that together are exactly the wanted points: each time the one that adds most.
  std::vector<Box> cover(const std::vector<bool>& wanted) const {
    std::vector<bool> open = wanted;
    std::vector<Box> boxes;
    while (std::ranges::find(open, true) != open.end()) {
      Box best;
      std::ptrdiff_t most = 0;
      for (std::size_t seed = 0; seed < open.size(); ++seed) {
        if (!open[seed]) continue;
        for (std::size_t first = 0; first < std::max<std::size_t>(1, axes_.size()); ++first) {
          Box box = grown(seed, first, wanted);
          const auto adds = std::ranges::count_if(points(box), [&](std::size_t at) { return open[at]; });
          if (adds > most) {
            most = adds;
            best = std::move(box);
          }
        }
      }
      for (const std::size_t at : points(best)) open[at] = false;
      boxes.push_back(std::move(best));
    }
    return boxes;
  }

  std::string text(const Box& box) const {
    std::string words;
    for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
      const std::vector<Json>& values = axes_[axis].values;
      const std::vector<std::size_t>& chosen = box[axis];
      if (chosen.size() == values.size()) continue;
      words += (words.empty() ? "" : " and ") + axes_[axis].name;
      const bool ordered =
          std::ranges::all_of(values, [](const Json& value) { return value.is_number(); }) &&
          std::ranges::is_sorted(values, {}, [](const Json& value) { return value.get<double>(); });
      const bool together = chosen.back() - chosen.front() + 1 == chosen.size();
      if (ordered && together && chosen.size() > 1 && chosen.front() == 0) {
        words += " <= " + values[chosen.back()].dump();
      } else if (ordered && together && chosen.size() > 1 && chosen.back() + 1 == values.size()) {
        words += " >= " + values[chosen.front()].dump();
      } else {
        words += " = ";
        for (std::size_t i = 0; i < chosen.size(); ++i) {
          const Json& value = values[chosen[i]];
          words += (i == 0 ? "" : i + 1 == chosen.size() ? " or " : ", ") + bare_text(value);
        }
      }
    }
    return words;
  }

 private:
  const std::vector<AxisLabels>& axes_;
};

std::string joined(const Grid& grid, const std::vector<Box>& boxes) {
  std::string words;
  std::size_t left_out = 0;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    if (i < most_boxes) {
      words += (i == 0 ? "" : "; or ") + grid.text(boxes[i]);
    } else {
      left_out += grid.points(boxes[i]).size();
    }
  }
  if (left_out > 0) words += "; and elsewhere";
  return words;
}

}  // namespace

std::string conditions(const std::vector<AxisLabels>& axes, const std::vector<bool>& holds) {
  const Grid grid(axes);
  std::vector<bool> fails = holds;
  fails.flip();
  const std::vector<Box> where = grid.cover(holds);
  const std::vector<Box> where_not = grid.cover(fails);
  if (where_not.size() < where.size()) return "everywhere but at " + joined(grid, where_not);
  return "at " + joined(grid, where);
}

}  // namespace baton::experiment
