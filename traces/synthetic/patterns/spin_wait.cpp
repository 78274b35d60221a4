#include "traces/synthetic/common.hpp"

namespace baton::traces {
namespace {

constexpr auto table = with_common({
    {"readers", Parameter::Type::integer, 1, 0, 65535, "cores",
     "cores that wait for each writer; readers + 1 divides the cores; 0: all other cores"},
    {"spin_cycles", Parameter::Type::integer, 4, 0, maximum_work_cycles, "cycles",
     "between two loads of a spinning reader"},
});

/// Waits again and again until the flag differs from what it last saw, to the flag's last content. The flag's
/// content counts its stores (OperationStream::perform), so the last one is their number.
class Reader final : public OperationStream {
 public:
  Reader(Address flag, std::uint32_t spin_cycles, std::uint64_t last)
      : spin_{.address = flag, .gap_cycles = spin_cycles, .kind = Kind::spin}, last_(last) {}

  std::size_t next(std::span<Operation> out) override {
    known_ = found_;
    if (known_ >= last_) return 0;
    out[0] = spin_;
    return 1;
  }
  bool value_dependent() const override { return true; }
  std::uint64_t perform(const Operation&, std::uint64_t seen) override { return found_ = seen; }
  bool satisfied(const Operation&) override { return found_ != known_; }

 private:
  Operation spin_;
  std::uint64_t last_;
  std::uint64_t known_ = 0;  ///< what the spin before ended with
  std::uint64_t found_ = 0;  ///< by the last load
};

/// One store at a time, as the contract of value-dependent streams wants.
class Writer final : public OperationStream {
 public:
  Writer(Address flag, std::uint32_t work, std::uint64_t stores)
      : store_{.address = flag, .gap_cycles = work, .kind = Kind::store}, left_(stores) {}

  std::size_t next(std::span<Operation> out) override {
    if (left_ == 0) return 0;
    --left_;
    out[0] = store_;
    return 1;
  }
  bool value_dependent() const override { return true; }

 private:
  Operation store_;
  std::uint64_t left_;
};

class SpinWait final : public Pattern {
 public:
  std::string_view name() const override { return "spin_wait"; }
  std::string_view summary() const override {
    return "In each group of cores the first sets a flag again and again while the others spin on it: "
           "stresses the "
           "wake-up of waiting readers, and the traffic of spinning.";
  }
  std::span<const Parameter> parameters() const override { return table; }
  bool value_dependent() const override { return true; }
  std::vector<ParameterError> check(const ParameterValues& values, int cores) const override {
    return check_groups(values, "readers", 1, cores);
  }

  // The seed has no effect. A reader slower than its writer misses changes and completes fewer operations.
  std::unique_ptr<OperationStream> stream(const ParameterValues& values,
                                          const PatternContext& context) const override {
    const std::uint64_t readers = values.integer("readers");
    const Group group = group_of(context, readers == 0 ? 0 : readers + 1);
    const Address flag = context.line(group.index);
    const std::uint64_t stores = values.integer("operations_per_core");
    if (group.member == 0) return std::make_unique<Writer>(flag, work_cycles(values), stores);
    return std::make_unique<Reader>(flag, static_cast<std::uint32_t>(values.integer("spin_cycles")), stores);
  }
};

}  // namespace

const Pattern& pattern_spin_wait() {
  static const SpinWait pattern;
  return pattern;
}

}  // namespace baton::traces
