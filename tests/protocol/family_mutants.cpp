// Would the checker notice? Faults in what MOESI, MESIF, Hammer, the directory organisations, recalls and far
// atomics add to directory MESI (mutants.cpp). Where no violation is named, several are possible.

#include <catch2/catch.hpp>

#include "protocols/hammer/hammer.hpp"
#include "protocols/mesi/mesi.hpp"
#include "protocols/mesif/mesif.hpp"
#include "protocols/moesi/moesi.hpp"
#include "protocols/msi/msi.hpp"
#include "tests/support/mutants.hpp"

using namespace baton;
using namespace baton::test;

TEST_CASE("faults planted in MSI are found") {
  using P = msi::Protocol;
  using S = msi::CacheState;
  using E = msi::CacheEvent;
  using HS = msi::HomeState;
  using HE = msi::HomeEvent;
  require_killed<P>({
      {"the home forgets the first reader",
       {},
       [](auto&, auto& home) { home.drop_action(HS::I, HE::GetS, "add_sharer"); },
       "data value or SWMR"},
      {"the owner does not copy back",
       {},
       [](auto& cache, auto&) { cache.drop_action(S::M, E::FwdGetS, "data_to_home"); },
       "deadlock"},
  });
}

TEST_CASE("faults planted in MOESI are found") {
  using P = moesi::Protocol;
  using S = moesi::CacheState;
  using E = moesi::CacheEvent;
  using HS = moesi::HomeState;
  using HE = moesi::HomeEvent;
  require_killed<P>({
      {"an owner is evicted like a sharer",
       {},
       [](auto& cache, auto&) { cache.copy(S::O, E::Replace, S::S, E::Replace); },
       ""},
      {"an owner that is read keeps writing",
       {},
       [](auto& cache, auto&) { cache.set_next(S::M, E::FwdGetS, S::M); },
       "SWMR"},
      {"the owner does not tell a writer of the acknowledgements",
       {},
       [](auto& cache, auto&) {
         auto row = cache.at(S::O, E::FwdGetM);
         row.actions[0].run = [](auto& c) { c.to_requestor(moesi::Kind::Data, c.line.data); };
         cache.put(S::O, E::FwdGetM, row);
       },
       "",
       3},
      {"an owner that wants to write makes readers wait",
       {},
       [](auto& cache, auto&) { cache.stall_on(S::OM_AC, E::FwdGetS); },
       "deadlock"},
      {"an owner that wants to write, and has passed the line on, waits for a count only",
       {},
       [](auto& cache, auto&) { cache.set_next(S::OM_AC, E::FwdGetM, S::OM_AC); },
       ""},
      {"the home does not keep what an owner in O evicts",
       {},
       [](auto&, auto& home) { home.drop_action(HS::O, HE::PutMOwnerShared, "write_memory"); },
       "data value"},
      {"an upgrade of the owner leaves the sharers alone",
       {},
       [](auto&, auto& home) { home.copy(HS::O, HE::GetMOwner, HS::EM, HE::PutEOwner); },
       ""},
      {"a reader in O is not listed",
       {},
       [](auto&, auto& home) { home.drop_action(HS::O, HE::GetS, "add_sharer"); },
       "",
       3},
  });
}

TEST_CASE("MOESI and MESIF need AckCount among the ordered forwards") {
  // Else a forward that the home sent after the count would be answered with data of before the write.
  CHECK_FALSE(check<moesi::Protocol>(moesi::Protocol::variant({}), {.caches = 2, .ignore_order = true}).ok);
  CHECK_FALSE(check<mesif::Protocol>(mesif::Protocol::variant({}), {.caches = 2, .ignore_order = true}).ok);
}

TEST_CASE("faults planted in MESIF are found") {
  using P = mesif::Protocol;
  using S = mesif::CacheState;
  using E = mesif::CacheEvent;
  using HS = mesif::HomeState;
  using HE = mesif::HomeEvent;
  const OptionValues broadcast{{"directory", "broadcast"}};
  require_killed<P>({
      {"the cache in F leaves without notice",
       {},
       [](auto& cache, auto&) {
         auto row = cache.at(S::F, E::Replace);
         row.size = 0;
         row.next = S::I;
         cache.put(S::F, E::Replace, row);
       },
       "deadlock",
       3},
      {"a cache that gives F back does not expect a forward",
       {},
       [](auto& cache, auto&) { cache.remove(S::FI_A, E::FwdGetS); },
       "impossible cell: cache in FI_A on FwdGetS",
       3},
      {"a cache in F that wants to write makes a reader wait",
       {},
       [](auto& cache, auto&) { cache.stall_on(S::FM_AD, E::FwdGetS); },
       "deadlock",
       3},
      {"the home forgets that the old F keeps a copy",
       {},
       [](auto&, auto& home) { home.drop_action(HS::F, HE::GetS, "owner_to_sharers"); },
       "",
       3},
      {"the home does not pass F on",
       {},
       [](auto&, auto& home) { home.drop_action(HS::F, HE::GetS, "set_owner"); },
       "",
       3},
      {"an F that comes back before the copy-back ends the wait for it",
       {},
       [](auto&, auto& home) { home.copy(HS::F_D, HE::PutFOwner, HS::F, HE::PutFOwner); },
       "",
       3},
      {"a reader that was invalidated drops the line, and F with it", broadcast,
       [](auto& cache, auto&) {
         auto row = cache.at(S::IS_D_I, E::DataLast);
         row.size = 1;
         row.next = S::I;
         cache.put(S::IS_D_I, E::DataLast, row);
       },
       "", 3},
  });
}

TEST_CASE("faults planted in limited and coarse directories are found") {
  using P = mesi::Protocol;
  using S = mesi::CacheState;
  using E = mesi::CacheEvent;
  using HS = mesi::HomeState;
  using HE = mesi::HomeEvent;
  const OptionValues limited{{"directory", "limited"}, {"pointers", "2"}};
  const OptionValues coarse{{"directory", "coarse_vector"}, {"pointers", "1"}, {"region", "2"}};
  require_killed<P>({
      {"a reader does not wait for the sharer that gives way", limited,
       [](auto& cache, auto&) { cache.copy(S::IS_D, E::DataMore, S::IS_D, E::DataLast); }, "", 3},
      {"a reader answers an Inv before the sharer has given way", limited,
       [](auto& cache, auto&) { cache.copy(S::IS_A, E::Inv, S::SM_AD, E::Inv); }, "", 3},
      {"the home does not list the new reader", limited,
       [](auto&, auto& home) { home.drop_action(HS::S, HE::GetS, "add_sharer"); }, "", 3},
      {"the home does not list the old owner", coarse,
       [](auto&, auto& home) { home.drop_action(HS::EM, HE::GetS, "owner_to_sharers"); }, "", 3},
      {"a cache outside the line's sharers does not acknowledge", coarse,
       [](auto& cache, auto&) { cache.drop_action(S::I, E::Inv, "send_InvAck_to_requestor"); }, "deadlock",
       3},
      {"the home forgets the regions too early", coarse,
       [](auto&, auto& home) {
         auto row = home.at(HS::S, HE::GetS);
         row.actions[row.size++] = home.at(HS::S, HE::GetM).actions[1];
         home.put(HS::S, HE::GetS, row);
       },
       "", 3},
  });
}

TEST_CASE("faults planted in recalls are found") {
  using P = moesi::Protocol;
  using S = moesi::CacheState;
  using E = moesi::CacheEvent;
  using HS = moesi::HomeState;
  using HE = moesi::HomeEvent;
  const OptionValues sparse{{"entries", "4"}};
  require_killed<P>({
      {"the recall of a line in O forgets the sharers", sparse,
       [](auto&, auto& home) { home.copy(HS::O, HE::Recall, HS::EM, HE::Recall); }, "", 3},
      {"the home does not keep what the owner returns", sparse,
       [](auto&, auto& home) { home.drop_action(HS::I_A, HE::LastData, "write_memory"); }, "data value"},
      {"the home answers a request before all copies are back", sparse,
       [](auto&, auto& home) { home.copy(HS::I_A, HE::GetM, HS::I, HE::GetM); }, ""},
      {"an owner that evicts does not expect a recall", sparse,
       [](auto& cache, auto&) { cache.stall_on(S::MI_A, E::FwdGetM); }, "deadlock"},
      {"a Put that crossed a recall is not acknowledged", sparse,
       [](auto&, auto& home) { home.drop_action(HS::I_A, HE::PutOther, "send_PutAck"); }, "deadlock"},
  });
}

TEST_CASE("faults planted in far atomics are found") {
  using P = mesi::Protocol;
  using S = mesi::CacheState;
  using E = mesi::CacheEvent;
  using HS = mesi::HomeState;
  using HE = mesi::HomeEvent;
  const OptionValues far{{"atomics", "far"}};
  require_killed<P>({
      {"the home performs before the owner has returned the line", far,
       [](auto&, auto& home) { home.copy(HS::EM, HE::Atomic, HS::I, HE::Atomic); }, ""},
      {"the home performs before the sharers have acknowledged", far,
       [](auto&, auto& home) { home.copy(HS::S, HE::Atomic, HS::I, HE::Atomic); }, "", 3},
      {"the home answers without performing", far,
       [](auto&, auto& home) { home.drop_action(HS::I, HE::Atomic, "perform_at_home"); },
       "ends an access that the home has not performed"},
      {"the home performs on what memory had", far,
       [](auto&, auto& home) { home.drop_action(HS::I_AP, HE::LastData, "write_memory"); }, "data value"},
      {"the home performs twice", far,
       [](auto&, auto& home) {
         auto row = home.at(HS::I, HE::Atomic);
         row.actions[1] = row.actions[0];
         home.put(HS::I, HE::Atomic, row);
       },
       "no core waits for"},
      {"a cache keeps its copy while the home performs", far,
       [](auto& cache, auto&) { cache.set_next(S::S, E::Rmw, S::S); }, ""},
  });
}

TEST_CASE("faults planted in Hammer are found") {
  using P = hammer::Protocol;
  using S = hammer::CacheState;
  using E = hammer::CacheEvent;
  using HS = hammer::HomeState;
  using HE = hammer::HomeEvent;
  require_killed<P>({
      {"a requestor takes memory's data for its own",
       {},
       [](auto& cache, auto&) { cache.drop_action(S::O, E::Store, "keep_own_data"); },
       "data value"},
      {"an upgrade that has lost its copy still takes it for the newest",
       {},
       [](auto& cache, auto&) { cache.drop_action(S::SM_D, E::ProbeM, "lose_own_data"); },
       "data value",
       3},
      {"a reader does not unblock the home",
       {},
       [](auto& cache, auto&) { cache.drop_action(S::IS_D, E::Last, "send_Unblock"); },
       "deadlock"},
      {"the home does not wait for Unblock",
       {},
       [](auto&, auto& home) { home.copy(HS::I_U, HE::GetM, HS::I, HE::GetM); },
       ""},
      {"a shared line is taken for exclusive",
       {},
       [](auto& cache, auto&) { cache.copy(S::IS_D, E::LastShared, S::IS_D, E::Last); },
       "SWMR"},
      {"what is written back after a probe took it",
       {},
       [](auto& cache, auto&) { cache.set_next(S::MI_A, E::ProbeM, S::MI_A); },
       ""},
      {"an owner shares and forgets that memory is old",
       {},
       [](auto& cache, auto&) { cache.set_next(S::M, E::ProbeS, S::S); },
       "data value"},
  });
}
