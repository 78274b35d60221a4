// The home of adaptive ownership: that of directory MESI (Primer, 2nd ed., table 8.4), which counts signs of
// migration and of sharing, and forwards a load of a migratory line so that the owner gives it up.

#include "protocols/adaptive/adaptive.hpp"
#include "protocols/directory/home_actions.hpp"
#include "protocols/directory/organisation.hpp"

namespace baton::adaptive {
namespace {

/// The rows are the same for every `patience`; it is only what `expect_sharing` sets.
template <std::uint8_t patience>
struct Tables : directory::HomeActions<Protocol> {
  using Base = directory::HomeActions<Protocol>;
  using C = Base::C;
  using A = Base::A;
  using Kind = Base::Kind;
  using enum HomeState;
  using enum HomeEvent;

  static constexpr A give{"fwd_Give_to_owner", Effect::sends,
                          [](C& c) { c.to_cache(c.entry.owner, Kind::FwdGive); }};
  /// The owner answers with Written or Unwritten; one question at a time, so that answers do not pile up.
  static constexpr A give_again{"fwd_GiveAgain_to_owner", Effect::sends, [](C& c) {
                                  c.to_cache(c.entry.owner, Kind::FwdGiveAgain);
                                  c.entry.has_asked = true;
                                }};
  static constexpr A remember_owner{"owner_to_former", Effect::local, [](C& c) {
                                      c.entry.former.erase(c.message.requestor);
                                      c.entry.former.insert(c.entry.owner);
                                    }};
  static constexpr A forget{"clear_former", Effect::local, [](C& c) { c.entry.former.clear(); }};
  static constexpr A migrates{"sign_of_migration", Effect::local, [](C& c) {
                                if (c.entry.doubt != 0) --c.entry.doubt;
                              }};
  static constexpr A shared{"sign_of_sharing", Effect::local, [](C& c) { c.entry.doubt = patience; }};

  static constexpr A answered{"answered", Effect::local, [](C& c) { c.entry.has_asked = false; }};

  static constexpr A data = Base::data_to_requestor, dataE = Base::dataE_to_requestor;
  static constexpr A own = Base::own, disown = Base::disown, share = Base::share;
  static constexpr A put_ack = Base::put_ack, unshare = Base::unshare, unshare_all = Base::unshare_all;

  // clang-format off
  static constexpr Row<C> rows[] = {
      // state               event                        actions                                              next
      {I,                    GetS,                        {dataE, own},                                        EM  },
      {I,                    GetM,                        {data, own},                                         EM  },

      {EM,                   GetS,                        {Base::fwd_GetS, share, Base::share_owner, remember_owner, disown}, S_D},
      {EM,                   GetSGive,                    {give, remember_owner, own},                         stay},
      {EM,                   GetSGiveAgain,               {give_again, remember_owner, own},                   stay},
      {EM,                   GetM,                        {Base::fwd_GetM, forget, migrates, own},             stay},
      {EM,                   GetMFormer,                  {Base::fwd_GetM, forget, own},                       stay},
      {EM,                   PutMOwner,                   {Base::write_memory, put_ack, forget, disown},       I   },
      {EM,                   PutEOwner,                   {put_ack, forget, disown},                           I   },

      {S,                    GetS,                        {data, share, shared},                               stay},
      {S,                    GetM,                        {Base::data_and_inv_sharers, unshare_all, forget, migrates, own}, EM},
      {S,                    GetMSharer,                  {Base::acks_and_inv_sharers, unshare_all, forget, migrates, own}, EM},
      {S,                    GetMFormer,                  {Base::acks_and_inv_sharers, unshare_all, forget, shared, own}, EM},

      {S_D,                  any(GetS, GetM, GetMSharer, GetMFormer), stall                                        },
      {S_D,                  Data,                        {Base::write_memory},                                S   },

      // A Put that crossed an Inv or a forward: the cache is no longer what it thought, but waits for its ack.
      {any(I, S, EM, S_D),   PutOther,                    {unshare, put_ack},                                  stay},
      {S_D,                  PutOtherLast,                {unshare, put_ack},                                  stay},
      {S,                    PutOtherLast,                {unshare, put_ack, forget},                          I   },

      {any(I, EM),           Unwritten,                   {answered, forget, shared},                          stay},
      {any(I, EM),           Written,                     {answered, forget},                                  stay},
  };
  // clang-format on

  static constexpr Table table{rows};
};

}  // namespace

HomeView home_table(std::string_view patience) {
  static constexpr HomeView tables[] = {Tables<1>::table, Tables<2>::table, Tables<3>::table,
                                        Tables<4>::table, Tables<5>::table, Tables<6>::table,
                                        Tables<7>::table};
  return tables[directory::number(patience) - 1];
}

}  // namespace baton::adaptive
