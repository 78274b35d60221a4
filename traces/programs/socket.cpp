// The network's path: each thread is both sides of sockets, in turn: packets come in on its core, as in an
// interrupt of the network, and then it receives as many, whichever came first. See parts/sockets.hpp for
// what of Linux is modelled. The claim (sk_lock, 65 to 99 % efficiency) names the lock.
#include <vector>

#include "traces/programs/parts/sockets.hpp"

namespace baton::programs {
namespace {

constexpr std::string_view design_choices[] = {"locked", "lock_free"};

constexpr Parameter own_table[] = {
    {"operations_per_thread", Parameter::Type::integer, 1000, 1, 1e12, "",
     "rounds of each thread: a burst of packets comes in, then as many are received"},
    {"burst", Parameter::Type::integer, 1, 1, 1024, "packets", "of each round"},
    {"work_cycles", Parameter::Type::integer, 1000, 0, 1e9, "cycles",
     "after each packet received; no source, swept by configs/systems_sensitivity.json"},
    {"design", Parameter::Type::choice, 0, 0, 1, "",
     "the socket's lock with its backlog, or a ring without a lock", design_choices},
    padding_parameter(),
    lock_parameter(LockKind::mcs),
};
constexpr auto table = joined(own_table, socket_parameters, backoff_parameters, lock_parameters);

class Sockets final : public Instance {
 public:
  explicit Sockets(Setup& setup)
      : operations_(setup.parameters.integer("operations_per_thread")),
        burst_(setup.parameters.integer("burst")),
        work_cycles_(setup.parameters.integer("work_cycles")),
        packets_(setup, burst_ * setup.threads()),
        names_(setup),
        hands_(setup.threads()),
        contents_(packets_.count() + 1),
        deliver_(setup.kind("deliver")),
        receive_(setup.kind("receive")) {
    for (std::uint64_t i = 0; i < setup.parameters.integer("sockets"); ++i)
      sockets_.push_back(make_socket(setup, packets_, names_, burst_,
                                     setup.parameters.choice("design") == "locked",
                                     lock_kind(setup.parameters)));
    for (Block packet = 1; packet <= packets_.count(); ++packet)
      hands_[(packet - 1) / burst_].push_back(packet);
  }

  Task<> run(Thread& t) override {
    for (std::uint64_t i = 0; i < operations_; ++i) {
      Socket& socket = *sockets_[t.random().below(sockets_.size())];
      for (std::uint64_t n = 0; n < burst_; ++n) co_await deliver(t, socket);
      for (std::uint64_t n = 0; n < burst_; ++n) co_await receive(t, socket);
    }
  }

  std::optional<std::string> self_check(const Contents& memory) const override {
    if (!fault_.empty()) return fault_;
    Inventory inventory("packet", packets_.count());
    for (const auto& socket : sockets_) socket->add_to(inventory, memory);
    for (const std::vector<Block>& hand : hands_)
      for (const Block packet : hand) inventory.found(packet, "a thread's hand");
    return inventory.fault(packets_.count());
  }

 private:
  Task<> deliver(Thread& t, Socket& socket) {
    const Block packet = hands_[t.index()].back();
    hands_[t.index()].pop_back();
    contents_[packet] = (++delivered_ << 20) + t.index();
    co_await t.store(packets_.user_word(packet), contents_[packet]);
    t.begin(deliver_);
    co_await socket.deliver(t, packet);
    t.end();
  }

  Task<> receive(Thread& t, Socket& socket) {
    t.begin(receive_);
    const Block packet = co_await socket.receive(t);
    t.end();
    const std::uint64_t found = co_await t.load(packets_.user_word(packet));
    if ((packet == 0 || contents_[packet] == 0 || found != contents_[packet]) && fault_.empty())
      fault_ =
          "packet " + std::to_string(packet) + " was received with content " + std::to_string(found) +
          ", but " +
          (contents_[packet] == 0 ? "nobody had sent it" : std::to_string(contents_[packet]) + " was sent");
    contents_[packet] = 0;
    hands_[t.index()].push_back(packet);
    co_await t.compute(work_cycles_);
  }

  std::uint64_t operations_, burst_, work_cycles_;
  Blocks packets_;
  SocketNames names_;
  std::vector<std::vector<Block>> hands_;  // each thread's packets; it changes its own
  std::vector<std::uint64_t> contents_;    // by packet: what was sent; 0: it is in somebody's hand
  std::uint64_t delivered_ = 0;
  std::string fault_;
  OperationKind deliver_, receive_;
  std::vector<std::unique_ptr<Socket>> sockets_;
};

class Description final : public Program {
 public:
  std::string_view name() const override { return "socket"; }
  std::string_view summary() const override {
    return "Packets come into sockets on all cores and are received there: under the socket's lock with its "
           "backlog, or through a ring without a lock.";
  }
  std::span<const Parameter> parameters() const override { return table; }
  std::vector<ParameterError> check(const ParameterValues& values, std::uint32_t) const override {
    return both(check_padding(values), check_backoff(values));
  }
  std::unique_ptr<Instance> set_up(Setup& setup) const override { return std::make_unique<Sockets>(setup); }
};

}  // namespace

const Program& program_socket() {
  static const Description description;
  return description;
}

}  // namespace baton::programs
