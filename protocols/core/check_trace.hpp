#pragma once
// The way to a fault. The steps were not stored, and the states only up to their names: starting from the
// first state, finds a step that leads to each next one.

#include <stdexcept>
#include <string>
#include <vector>

#include "protocols/core/check_model.hpp"
#include "protocols/core/check_store.hpp"
#include "protocols/core/check_symmetry.hpp"

namespace baton::checker {

template <CoherenceProtocol P>
class Trace {
 public:
  Trace(Model<P>& model, KeyMaker<P>& keys, const std::vector<Shard>& store)
      : model_(model), keys_(keys), store_(store) {
    world_ = keys_.without_dead_fields(world_);
  }

  const std::vector<CheckStep>& steps() const { return steps_; }

  /// Steps through these states; `idle`: by steps that serve nobody.
  void follow(const std::vector<StateId>& way, bool idle = false) {
    for (const StateId state : way) {
      const std::uint64_t hash = store_[shard_of(state)].hash(number_of(state));
      add_step([&](World<P>& next) {
        if (!model_.violation().empty() || (idle && model_.has_served())) return false;
        keys_.encode(next, key_);
        return hash_of(key_) == hash;
      });
    }
  }

  /// Adds the step that breaks an invariant; returns what is wrong.
  std::string add_faulty_step() {
    std::string violation;
    add_step([&](World<P>&) {
      violation = model_.violation();
      return !violation.empty();
    });
    return violation;
  }

  std::string describe_deadlock() const {
    return "deadlock: " + std::to_string(world_.flight.size()) +
           " messages in flight, none can be consumed: " + model_.describe_world(world_);
  }

 private:
  template <class F>
  void add_step(F&& is_it) {
    bool found = false;
    World<P> after;
    model_.for_each_step(world_, [&](const typename Model<P>::Step& step) {
      if (found) return;
      World<P> next;
      if (model_.apply(world_, step, next) == StepResult::stalled || !is_it(next)) return;
      found = true;
      steps_.push_back(model_.describe(world_, step, next));
      after = next;
    });
    if (!found) throw std::logic_error("the checker finds no step to a state that it has reached");
    world_ = keys_.without_dead_fields(after);
  }

  Model<P>& model_;
  KeyMaker<P>& keys_;
  const std::vector<Shard>& store_;
  World<P> world_;
  std::string key_;
  std::vector<CheckStep> steps_;
};

}  // namespace baton::checker
