#pragma once
// A core that does what a script says.

#include <array>
#include <optional>

#include "sim/machine/cache_front.hpp"
#include "sim/machine/shared.hpp"

namespace baton::sim {

/// Its tickets are the script's line numbers. A store adds one to the content, modulo the script's values.
class ScriptedCore : public CorePort {
 public:
  ScriptedCore(NodeId node, Shared& shared, Value values) : node_(node), shared_(shared), values_(values) {}

  enum class Outcome : std::uint8_t { hit, miss, refused };
  Outcome access(CacheFront& cache, Ticket line, LineNumber number, traces::Kind kind) {
    CacheFront::Hit done{};
    if (cache.hit(number, kind, done)) {
      cache.content(number) = perform(Access{number, kind, shared_.calendar.now()}, cache.content(number));
      return Outcome::hit;
    }
    if (pending_[line]) return Outcome::refused;
    pending_[line] = Access{number, kind, shared_.calendar.now()};
    return cache.request(number, kind, line) ? Outcome::miss : Outcome::refused;
  }
  bool waits() const { return pending_[0] || pending_[1]; }

  Value perform(Ticket ticket, Value content) override { return perform(*pending_.at(ticket), content); }
  void perform_snapshot(Ticket ticket, Value content) override {
    const Access& access = *pending_.at(ticket);
    if (access.kind != traces::Kind::load) throw RunFailure("a snapshot ends an access that is not a load");
    shared_.monitor->loaded_snapshot(access.line, node_, content, access.issued, shared_.calendar.now());
  }
  void completed(Ticket ticket) override { pending_.at(ticket).reset(); }
  void before_message(LineNumber) override {}
  void changed(LineNumber) override {}
  void retry() override {}
  void prefetch(Cycle) const override {}

 private:
  struct Access {
    LineNumber line;
    traces::Kind kind;
    Cycle issued;
  };

  Value perform(const Access& access, Value content) {
    const Cycle now = shared_.calendar.now();
    if (access.kind == traces::Kind::load) {
      shared_.monitor->loaded(access.line, node_, content, now);
      return content;
    }
    const Value left = (content + 1) % values_;
    shared_.monitor->stored(access.line, node_, content, left, now);
    return left;
  }

  NodeId node_;
  Shared& shared_;
  Value values_;
  std::array<std::optional<Access>, 2> pending_;
};

}  // namespace baton::sim
