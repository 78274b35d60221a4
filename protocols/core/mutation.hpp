#pragma once
// Mutation testing of tables: every row spoilt in every simple way. The checker must notice; a mutant that it
// does not notice is either as right as the original, or shows a property that nobody checks.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "protocols/core/describe.hpp"
#include "protocols/core/mutable_table.hpp"
#include "protocols/core/variant.hpp"

namespace baton {

struct Mutation {
  enum class Kind : std::uint8_t { drop_action, change_next, drop_row, stall };
  Kind kind = Kind::drop_row;
  bool at_home = false;
  std::size_t row = 0;     ///< of the table
  std::size_t detail = 0;  ///< which action, or the next state
  std::string row_text;    ///< "cache {S | Inv | send_InvAck_to_requestor | I}"
  std::string text;        ///< "drop send_InvAck_to_requestor"
};

namespace detail {

template <class Context>
void add_mutations(const TableView<Context>& table, bool at_home, std::vector<Mutation>& all) {
  using State = typename Context::State;
  for (std::size_t r = 0; r < table.rows().size(); ++r) {
    const auto& row = table.rows()[r];
    const auto add = [&](Mutation::Kind kind, std::size_t detail, std::string text) {
      all.push_back(
          {kind, at_home, r, detail, (at_home ? "home " : "cache ") + describe_row(row), std::move(text)});
    };
    add(Mutation::Kind::drop_row, 0, "drop the row");
    if (row.outcome == Outcome::stalls) continue;
    add(Mutation::Kind::stall, 0, "stall instead");
    for (std::size_t a = 0; a < row.size; ++a)
      add(Mutation::Kind::drop_action, a, "drop " + std::string(row.actions[a].name));
    for (std::size_t s = 0; s < enum_count<State>; ++s) {
      const auto next = static_cast<State>(s);
      const bool same =
          row.outcome == Outcome::moves ? row.next == next : row.in.bits == SetOf<State>(next).bits;
      if (!same) add(Mutation::Kind::change_next, s, "next " + std::string(name_of(next)));
    }
    if (row.outcome == Outcome::moves && row.in.bits != SetOf<State>(row.next).bits)
      add(Mutation::Kind::change_next, enum_count<State>, "next stay");
  }
}

template <class Context>
MutableTable<Context> mutated(const TableView<Context>& table, const Mutation* mutation) {
  MutableTable<Context> copy(table);
  if (mutation == nullptr) return copy;
  auto& row = copy.row(mutation->row);
  switch (mutation->kind) {
    case Mutation::Kind::drop_row:
      copy.remove_row(mutation->row);
      break;
    case Mutation::Kind::stall:
      row.outcome = Outcome::stalls;
      row.size = 0;
      break;
    case Mutation::Kind::drop_action:
      for (std::size_t a = mutation->detail + 1; a < row.size; ++a) row.actions[a - 1] = row.actions[a];
      --row.size;
      break;
    case Mutation::Kind::change_next:
      row.outcome = mutation->detail == enum_count<typename Context::State> ? Outcome::stays : Outcome::moves;
      if (row.outcome == Outcome::moves) row.next = static_cast<typename Context::State>(mutation->detail);
      break;
  }
  return copy;
}

}  // namespace detail

/// All mutants of a variant's tables, the cache's first, in the order of the rows.
template <CoherenceProtocol P>
std::vector<Mutation> mutations(const Variant<P>& variant) {
  std::vector<Mutation> all;
  detail::add_mutations(variant.cache, false, all);
  detail::add_mutations(variant.home, true, all);
  return all;
}

/// A variant's tables with a mutation; keeps what its views look at.
template <CoherenceProtocol P>
class MutatedVariant {
 public:
  MutatedVariant(const Variant<P>& variant, const Mutation& mutation)
      : cache_(detail::mutated(variant.cache, mutation.at_home ? nullptr : &mutation)),
        home_(detail::mutated(variant.home, mutation.at_home ? &mutation : nullptr)),
        variant_(variant) {
    variant_.cache = cache_.view();
    variant_.home = home_.view();
  }
  MutatedVariant(const MutatedVariant&) = delete;
  MutatedVariant& operator=(const MutatedVariant&) = delete;

  const Variant<P>& variant() const { return variant_; }

 private:
  MutableTable<CacheContext<P>> cache_;
  MutableTable<HomeContext<P>> home_;
  Variant<P> variant_;
};

}  // namespace baton
