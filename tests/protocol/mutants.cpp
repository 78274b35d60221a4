// Would the checker notice? Each case plants one fault in a copy of a table and names the violation it must
// cause.

#include "tests/support/mutants.hpp"

#include <regex>

#include <catch2/catch.hpp>

#include "protocols/mesi/mesi.hpp"
#include "protocols/ownership/ownership.hpp"

using namespace baton;
using namespace baton::test;

TEST_CASE("faults planted in MESI with a full map are found") {
  using P = mesi::Protocol;
  using S = mesi::CacheState;
  using E = mesi::CacheEvent;
  using HS = mesi::HomeState;
  using HE = mesi::HomeEvent;
  require_killed<P>({
      {"an invalidated sharer does not acknowledge",
       {},
       [](auto& cache, auto&) { cache.drop_action(S::S, E::Inv, "send_InvAck_to_requestor"); },
       "deadlock"},
      {"an upgrading cache makes an Inv wait",
       {},
       [](auto& cache, auto&) { cache.stall_on(S::SM_AD, E::Inv); },
       "deadlock"},
      {"an upgrading cache keeps reading after an Inv",
       {},
       [](auto& cache, auto&) { cache.set_next(S::SM_AD, E::Inv, S::SM_AD); },
       "SWMR"},
      {"the owner keeps writing after a FwdGetS",
       {},
       [](auto& cache, auto&) { cache.set_next(S::M, E::FwdGetS, S::M); },
       "SWMR"},
      {"a writer does not wait for acknowledgements",
       {},
       [](auto& cache, auto&) { cache.copy(S::IM_AD, E::DataMore, S::IM_AD, E::DataLast); },
       "SWMR"},
      {"an evicting owner does not expect a forward",
       {},
       [](auto& cache, auto&) { cache.remove(S::MI_A, E::FwdGetM); },
       "impossible cell: cache in MI_A on FwdGetM"},
      {"an owner does not copy back when it is read",
       {},
       [](auto& cache, auto&) { cache.drop_action(S::M, E::FwdGetS, "data_to_home"); },
       "deadlock"},
      {"a store leaves the line E, so that its eviction loses the content",
       {},
       [](auto& cache, auto&) { cache.set_next(S::E, E::Store, S::E); },
       "data value"},
      {"the home forgets to write an evicted line to memory",
       {},
       [](auto&, auto& home) { home.drop_action(HS::EM, HE::PutMOwner, "write_memory"); },
       "data value"},
      {"the home forgets to write a copy-back to memory",
       {},
       [](auto&, auto& home) { home.drop_action(HS::S_D, HE::Data, "write_memory"); },
       "data value"},
      {"the home does not acknowledge a Put that crossed a forward",
       {},
       [](auto&, auto& home) { home.drop_action(HS::EM, HE::PutOther, "send_PutAck"); },
       "deadlock"},
      {"the home forgets a sharer",
       {},
       [](auto&, auto& home) { home.drop_action(HS::S, HE::GetS, "add_sharer"); },
       "impossible cell: cache in SM_AD on DataMore",
       3},
      {"the home answers reads before the copy-back",
       {},
       [](auto&, auto& home) { home.copy(HS::S_D, HE::GetS, HS::S, HE::GetS); },
       "data value",
       3},
      {"the home gives the same line exclusively twice",
       {},
       [](auto&, auto& home) { home.set_next(HS::I, HE::GetS, HS::I); },
       "impossible cell: home in I on PutEOwner"},
      {"a hit does two things",
       {},
       [](auto& cache, auto&) {
         auto row = cache.at(S::M, E::Load);
         row.actions[row.size++] = row.actions[0];
         cache.put(S::M, E::Load, row);
       },
       "a hit does more"},
  });
}

TEST_CASE("faults planted in MESI with broadcasts are found") {
  using P = mesi::Protocol;
  using S = mesi::CacheState;
  using E = mesi::CacheEvent;
  const OptionValues broadcast{{"directory", "broadcast"}};
  require_killed<P>({
      {"a reading cache makes a stray Inv wait", broadcast,
       [](auto& cache, auto&) { cache.stall_on(S::IS_D, E::Inv); }, "deadlock"},
      {"a reading cache forgets that it was invalidated", broadcast,
       [](auto& cache, auto&) { cache.set_next(S::IS_D, E::Inv, S::IS_D); }, "SWMR", 3},
      {"a cache without the line does not acknowledge", broadcast,
       [](auto& cache, auto&) { cache.drop_action(S::I, E::Inv, "send_InvAck_to_requestor"); }, "deadlock"},
      {"data given exclusively is dropped, though the home took the cache for the owner", broadcast,
       [](auto& cache, auto&) { cache.copy(S::IS_D_I, E::DataE, S::IS_D_I, E::DataLast); }, "impossible cell",
       3},
  });
}

TEST_CASE("faults planted in ownership transfer are found") {
  using P = ownership::Protocol;
  using S = ownership::CacheState;
  using E = ownership::CacheEvent;
  using HS = ownership::HomeState;
  using HE = ownership::HomeEvent;
  const OptionValues migrate{{"reads", "migrate"}};
  const OptionValues snapshot{{"reads", "snapshot"}};
  require_killed<P>({
      {"a waiting cache passes on what it does not have", migrate,
       [](auto& cache, auto&) { cache.copy(S::IM_D, E::FwdGetM, S::MI_A, E::FwdGetM); }, "data value", 3},
      {"a waiting cache forgets its successor", migrate,
       [](auto& cache, auto&) { cache.set_next(S::IM_D, E::FwdGetM, S::IM_D); }, "deadlock"},
      {"the home names a successor twice", migrate,
       [](auto&, auto& home) { home.drop_action(HS::M, HE::GetM, "set_owner"); },
       "impossible cell: cache in IM_D_I on FwdGetM", 4},
      {"an owner keeps the line that it passed on", migrate,
       [](auto& cache, auto&) { cache.set_next(S::M, E::FwdGetM, S::M); }, "SWMR"},
      {"the line is passed on before the own access", migrate,
       [](auto& cache, auto&) {
         auto row = cache.at(S::IM_D_I, E::Data);
         std::swap(row.actions[1], row.actions[2]);
         cache.put(S::IM_D_I, E::Data, row);
       },
       "data value"},
      {"a Put that crossed a forward is not acknowledged", migrate,
       [](auto&, auto& home) { home.drop_action(HS::M, HE::PutMOther, "send_PutAck"); }, "deadlock"},
      {"a Put that crossed a forward is taken for the owner's", migrate,
       [](auto&, auto& home) { home.copy(HS::M, HE::PutMOther, HS::M, HE::PutMOwner); }, "SWMR"},
      {"an evicting cache drops the data at once", migrate,
       [](auto& cache, auto&) { cache.set_next(S::M, E::Replace, S::II_A); },
       "impossible cell: cache in II_A on FwdGetM"},
      {"the home forgets the content of an evicted line", migrate,
       [](auto&, auto& home) { home.drop_action(HS::M, HE::PutMOwner, "write_memory"); }, "data value"},
      {"readers are not answered", snapshot,
       [](auto& cache, auto&) { cache.drop_action(S::IM_D, E::Data, "answer_readers"); }, "deadlock"},
      {"a waiting cache answers a reader with what it does not have", snapshot,
       [](auto& cache, auto&) { cache.copy(S::IM_D, E::FwdGetS, S::M, E::FwdGetS); },
       "was not current at any moment", 3},
      {"a reader takes the snapshot for ownership", snapshot,
       [](auto& cache, auto&) { cache.copy(S::II_D, E::Data, S::IM_D, E::Data); }, "data value"},
  });
}

TEST_CASE("a counterexample is the shortest, one line a step") {
  using P = ownership::Protocol;
  const Variant<P> right = P::variant({});
  MutableTable<HomeContext<P>> home(right.home);
  home.drop_action(ownership::HomeState::M, ownership::HomeEvent::PutMOwner, "write_memory");
  const auto result = check<P>({right.cache, home.view()}, {.caches = 1});
  std::vector<std::string> lines;
  // Of equally short ones the search may find any: which access it is does not matter.
  for (const CheckStep& step : result.trace) {
    const std::string what =
        std::regex_replace(step.text, std::regex(" on (Load|Store|Rmw);"), " on an access;");
    lines.push_back(std::regex_replace(what, std::regex("; stores [01]$"), ""));
  }
  CHECK(lines == std::vector<std::string>{
                     "cache 0: I -> IM_D on an access; sends GetM 0 -> home",
                     "home: I -> M on GetM 0 -> home; sends Data 1 -> cache 0, value 0",
                     "cache 0: IM_D -> M on Data 1 -> cache 0, value 0",
                     "cache 0: M -> MI_A on Replace; sends PutM 0 -> home, value 1",
                     "home: M -> I on PutM 0 -> home, value 1; sends PutAck 1 -> cache 0",
                     "cache 0: MI_A -> I on PutAck 1 -> cache 0",
                     "cache 0: I -> IM_D on an access; sends GetM 0 -> home",
                     "home: I -> M on GetM 0 -> home; sends Data 1 -> cache 0, value none",
                     "cache 0: IM_D -> M on Data 1 -> cache 0, value none",
                 });
}

TEST_CASE("a cycle without service is a livelock, and is shown") {
  using P = ownership::Protocol;
  using S = ownership::CacheState;
  using E = ownership::CacheEvent;
  const Variant<P> right = P::variant({});
  MutableTable<CacheContext<P>> cache(right.cache);
  // An evicting cache answers the acknowledgement with another Put: messages always move, nothing ever ends.
  auto row = cache.at(S::M, E::Replace);
  row.outcome = Outcome::stays;
  cache.put(S::MI_A, E::PutAck, row);
  const auto result = check<P>({cache.view(), right.home}, {.caches = 1});
  CHECK_FALSE(result.ok);
  CHECK_THAT(result.violation, Catch::StartsWith("livelock: a cycle of 2 steps"));
  REQUIRE(result.trace.size() == result.cycle_begin + 2);
  CHECK(result.trace[result.cycle_begin].message.kind != result.trace[result.cycle_begin + 1].message.kind);
  CHECK(check<P>({cache.view(), right.home}, {.caches = 1, .progress = false}).ok);
}

TEST_CASE("what is wrong with a row alone is said without a search") {
  using P = ownership::Protocol;
  using S = ownership::CacheState;
  using E = ownership::CacheEvent;
  const Variant<P> right = P::variant({});
  MutableTable<CacheContext<P>> stalls(right.cache);
  stalls.stall_on(S::M, E::FwdGetM);
  CHECK_THAT((check<P>({stalls.view(), right.home}, {.caches = 2}).violation),
             Catch::StartsWith("a cache stalls in a stable state"));
  MutableTable<CacheContext<P>> stays(right.cache);
  stays.set_next(S::M, E::Replace, S::M);
  CHECK_THAT((check<P>({stays.view(), right.home}, {.caches = 2}).violation),
             Catch::StartsWith("a line that is replaced stays"));
}
