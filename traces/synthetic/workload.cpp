#include "traces/synthetic/workload.hpp"

#include <array>
#include <stdexcept>

#include "traces/synthetic/common.hpp"

namespace baton::traces {
namespace {

void check_mix(const std::vector<MixPart>& parts) {
  if (parts.empty()) throw std::invalid_argument("a mix needs a part");
  for (const MixPart& part : parts) {
    if (part.pattern->value_dependent()) {
      throw std::invalid_argument("a mix cannot have the value-dependent part " +
                                  std::string(part.pattern->name()));
    }
    if (!(part.weight > 0)) throw std::invalid_argument("a part's weight must be above 0");
  }
}

class Mix final : public OperationStream {
 public:
  Mix(const std::vector<MixPart>& parts, const PatternContext& context)
      : random_(derived_seed(context.seed, ~std::uint64_t{0}), static_cast<std::uint64_t>(context.core)) {
    double sum = 0;
    for (const MixPart& part : parts) sum += part.weight;
    double below = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      PatternContext own = context;
      own.base += i * region_bytes;
      own.seed = derived_seed(context.seed, i);
      ParameterValues values = parts[i].values;
      left_ = std::max(left_, values.integer("operations_per_core"));
      values.set("operations_per_core", maximum_operations);  // the mix ends first
      below += parts[i].weight;
      parts_.push_back(
          {Chance(i + 1 == parts.size() ? 1 : below / sum), parts[i].pattern->stream(values, own)});
    }
  }

  std::size_t next(std::span<Operation> out) override {
    std::size_t made = 0;
    while (made < out.size() && left_ > 0) {
      if (current_ == nullptr) current_ = &draw();
      const Operation operation = current_->take();
      if (operation.completes) {
        current_ = nullptr;
        --left_;
      }
      out[made++] = operation;
    }
    return made;
  }

 private:
  struct Part {
    Chance up_to;  ///< this part or one before it
    std::unique_ptr<OperationStream> stream;
    std::array<Operation, 64> ahead{};
    std::size_t position = 0, filled = 0;

    Operation take() {
      if (position == filled) {
        filled = stream->next(ahead);
        position = 0;
        // A pattern's stream has as many operations as it was asked for.
        if (filled == 0) throw std::logic_error("a part of a mix ended");
      }
      return ahead[position++];
    }
  };

  Part& draw() {
    const std::uint64_t drawn = random_.next();
    std::size_t i = 0;
    while (!parts_[i].up_to.holds(drawn)) ++i;
    return parts_[i];
  }

  std::vector<Part> parts_;
  Part* current_ = nullptr;  ///< whose operation has not completed
  std::uint64_t left_ = 0;
  Random random_;
};

}  // namespace

std::unique_ptr<OperationStream> make_mix(const std::vector<MixPart>& parts, const PatternContext& context) {
  check_mix(parts);
  return std::make_unique<Mix>(parts, context);
}

SyntheticWorkload::SyntheticWorkload(const Pattern& pattern, ParameterValues values, int cores,
                                     std::uint64_t seed, std::uint32_t line_bytes)
    : parts_{{&pattern, std::move(values), 1}},
      mix_(false),
      context_{.cores = cores, .seed = seed, .line_bytes = line_bytes} {}

SyntheticWorkload::SyntheticWorkload(std::vector<MixPart> parts, int cores, std::uint64_t seed,
                                     std::uint32_t line_bytes)
    : parts_(std::move(parts)), mix_(true), context_{.cores = cores, .seed = seed, .line_bytes = line_bytes} {
  check_mix(parts_);
}

std::unique_ptr<OperationStream> SyntheticWorkload::stream(int core) {
  PatternContext context = context_;
  context.core = core;
  if (mix_) return make_mix(parts_, context);
  return parts_.front().pattern->stream(parts_.front().values, context);
}

}  // namespace baton::traces
