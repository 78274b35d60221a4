#include <algorithm>
#include <string>

#include "traces/programs/runtime/program.hpp"

namespace baton::programs {
namespace {

constexpr std::string_view access_choices[] = {"load", "store", "compare_and_swap", "fetch_add"};

constexpr Parameter table[] = {
    {"rounds", Parameter::Type::integer, 100, 1, 1e9, "", "accesses that are measured"},
    {"holder", Parameter::Type::integer, 0, 0, 1e6, "",
     "the thread that writes the line before each access; thread i begins on core i"},
    {"accessor", Parameter::Type::integer, 1, 0, 1e6, "", "the thread whose accesses are measured"},
    {"access", Parameter::Type::choice, 0, 0, std::size(access_choices) - 1, "", "what it does",
     access_choices},
};

/// As ccbench of David, Guerraoui and Trigonakis (SOSP 2013): one access to a line in a known state, then
/// both threads meet before the next one. They meet at a line of its own.
class RemoteAccess final : public Instance {
 public:
  explicit RemoteAccess(Setup& setup)
      : rounds_(setup.parameters.integer("rounds")),
        holder_(std::min<std::uint64_t>(setup.parameters.integer("holder"), setup.threads() - 1)),
        accessor_(std::min<std::uint64_t>(setup.parameters.integer("accessor"), setup.threads() - 1)),
        access_choice_(setup.parameters.choice("access")),
        data_(setup.memory.object()),
        turn_(setup.memory.object()),
        access_(setup.kind("access")) {}

  Task<> run(Thread& t) override {
    for (std::uint64_t i = 0; i < rounds_; ++i) {
      if (t.index() == holder_) {
        co_await t.spin_until(turn_, 2 * i);
        co_await t.store(data_, written(i));
        co_await t.store(turn_, 2 * i + 1);
      }
      if (t.index() == accessor_) {
        co_await t.spin_until(turn_, 2 * i + 1);
        t.begin(access_);
        co_await access(t, i);
        t.end();
        co_await t.store(turn_, 2 * i + 2);
      }
    }
  }

  std::optional<std::string> self_check(const Contents& memory) const override {
    if (wrong_ != 0) return std::to_string(wrong_) + " accesses did not find what the holder had written";
    const std::uint64_t expected = written(rounds_ - 1) + (access_choice_ == "load" ? 0 : 1);
    const std::uint64_t found = memory.last(data_);
    if (found == expected) return {};
    return "the line holds " + std::to_string(found) + ", not " + std::to_string(expected);
  }

 private:
  static std::uint64_t written(std::uint64_t round) { return 2 * round + 1; }

  Task<> access(Thread& t, std::uint64_t round) {
    std::uint64_t seen = written(round);
    if (access_choice_ == "load") {
      seen = co_await t.load(data_);
    } else if (access_choice_ == "store") {
      co_await t.store(data_, seen + 1);
    } else if (access_choice_ == "fetch_add") {
      seen = co_await t.fetch_add(data_, 1);
    } else {
      seen = (co_await t.compare_exchange(data_, seen, seen + 1)).seen;
    }
    if (seen != written(round)) ++wrong_;
  }

  std::uint64_t rounds_, holder_, accessor_;
  std::string_view access_choice_;
  Address data_, turn_;
  OperationKind access_;
  std::uint64_t wrong_ = 0;  // counted by the accessor alone
};

class Description final : public Program {
 public:
  std::string_view name() const override { return "remote_access"; }
  std::string_view summary() const override {
    return "One thread writes a line, then another accesses it: the latency of a load, a store and atomic "
           "operations on a line that is modified in another core's cache.";
  }
  std::span<const Parameter> parameters() const override { return table; }
  std::vector<ParameterError> check(const ParameterValues& values, std::uint32_t threads) const override {
    std::vector<ParameterError> errors;
    if (threads == 1) return errors;
    for (const char* name : {"holder", "accessor"}) {
      if (values.integer(name) >= threads)
        errors.push_back({name, "must be one of the " + std::to_string(threads) + " threads, 0 to " +
                                    std::to_string(threads - 1) + ", found " +
                                    std::to_string(values.integer(name))});
    }
    return errors;
  }
  std::unique_ptr<Instance> set_up(Setup& setup) const override {
    return std::make_unique<RemoteAccess>(setup);
  }
};

}  // namespace

const Program& program_remote_access() {
  static const Description description;
  return description;
}

}  // namespace baton::programs
