// The file system's path: threads get a reference to a file, append to it or ask for its size, and put the
// reference. See parts/inodes.hpp for what of Linux is modelled. The claim (inode->i_lock, 60 to 99 %
// efficiency) names the lock.
#include <memory>

#include "traces/programs/parts/inodes.hpp"

namespace baton::programs {
namespace {

constexpr std::string_view design_choices[] = {"locked", "lock_free"};

constexpr Parameter own_table[] = {
    {"operations_per_thread", Parameter::Type::integer, 1000, 1, 1e12, "",
     "uses of a file by each thread: get, append or stat, put"},
    {"work_cycles", Parameter::Type::integer, 1000, 0, 1e9, "cycles",
     "after each use; no source, swept by configs/systems_sensitivity.json"},
    {"design", Parameter::Type::choice, 0, 0, 1, "",
     "reference and size under the inode's lock, or counts of the cores and atomic operations",
     design_choices},
    {"append_fraction", Parameter::Type::real, 0.5, 0, 1, "",
     "of uses that append; the others ask for the size"},
    {"append_bytes", Parameter::Type::integer, 4096, 1, 1e9, "bytes", "of each append"},
    padding_parameter(),
    lock_parameter(LockKind::mcs),
};
constexpr auto table = joined(own_table, inode_parameters, backoff_parameters, lock_parameters);

class Inode final : public Instance {
 public:
  explicit Inode(Setup& setup)
      : operations_(setup.parameters.integer("operations_per_thread")),
        work_cycles_(setup.parameters.integer("work_cycles")),
        append_bytes_(setup.parameters.integer("append_bytes")),
        count_(setup.parameters.integer("inodes")),
        appends_(setup.parameters["append_fraction"]),
        get_(setup.kind("get")),
        append_(setup.kind("append")),
        stat_(setup.kind("stat")),
        put_(setup.kind("put")) {
    if (setup.parameters.choice("design") == "locked")
      inodes_ = std::make_unique<LockedInodes>(setup, lock_kind(setup.parameters));
    else
      inodes_ = std::make_unique<PerCoreInodes>(setup);
  }

  Task<> run(Thread& t) override {
    for (std::uint64_t i = 0; i < operations_; ++i) {
      const std::uint64_t inode = t.random().below(count_);
      t.begin(get_);
      co_await inodes_->get(t, inode);
      t.end();
      const bool append = appends_(t.random());
      t.begin(append ? append_ : stat_);
      if (append)
        co_await inodes_->append(t, inode, append_bytes_);
      else
        co_await inodes_->stat(t, inode);
      t.end();
      t.begin(put_);
      co_await inodes_->put(t, inode);
      t.end();
      co_await t.compute(work_cycles_);
    }
  }

  std::optional<std::string> self_check(const Contents& memory) const override {
    return inodes_->self_check(memory);
  }

 private:
  std::uint64_t operations_, work_cycles_, append_bytes_, count_;
  traces::Chance appends_;
  OperationKind get_, append_, stat_, put_;
  std::unique_ptr<Inodes> inodes_;
};

class Description final : public Program {
 public:
  std::string_view name() const override { return "inode"; }
  std::string_view summary() const override {
    return "Threads get references to files, append or ask for the size, and put them: under the inode's "
           "lock, or "
           "with counts of the cores and atomic operations.";
  }
  std::span<const Parameter> parameters() const override { return table; }
  std::vector<ParameterError> check(const ParameterValues& values, std::uint32_t) const override {
    return both(check_padding(values), check_backoff(values));
  }
  std::unique_ptr<Instance> set_up(Setup& setup) const override { return std::make_unique<Inode>(setup); }
};

}  // namespace

const Program& program_inode() {
  static const Description description;
  return description;
}

}  // namespace baton::programs
