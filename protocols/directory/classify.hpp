#pragma once
// The guards of the directory protocols' tables: which event a message is. A protocol without a message or
// event has no branch for it.

#include "protocols/core/types.hpp"
#include "protocols/directory/sharers.hpp"

namespace baton::directory {

template <class P>
typename P::CacheEvent classify_at_cache(const typename P::Line& line, const Message& message) {
  using Kind = typename P::Kind;
  using Event = typename P::CacheEvent;
  const auto kind = static_cast<Kind>(message.kind);
  const bool has_all_acks = line.acks + message.acks == 0;
  if constexpr (requires { Kind::DataE; })
    if (kind == Kind::DataE) return Event::DataE;
  if constexpr (requires { Kind::Result; })
    if (kind == Kind::Result) return Event::Result;
  switch (kind) {
    case Kind::FwdGetS:
      return Event::FwdGetS;
    case Kind::FwdGetM:
      return Event::FwdGetM;
    case Kind::Inv:
      return Event::Inv;
    case Kind::PutAck:
      return Event::PutAck;
    case Kind::InvAck:
      return line.acks == 1 ? Event::LastInvAck : Event::InvAck;
    case Kind::AckCount:
      return has_all_acks ? Event::AckCountLast : Event::AckCountMore;
    default:
      return has_all_acks ? Event::DataLast : Event::DataMore;
  }
}

template <class P>
typename P::HomeEvent classify_at_home(const typename P::Entry& entry, const Message& message) {
  using Kind = typename P::Kind;
  using Event = typename P::HomeEvent;
  const auto kind = static_cast<Kind>(message.kind);
  const bool from_owner = entry.owner != no_node && entry.owner == message.requestor;
  const auto from_sharer = [&] {
    return entry.named == Named::sharers && entry.sharers.contains(message.requestor);
  };
  const auto from_last_sharer = [&] { return entry.sharers.size() == 1 && from_sharer(); };
  const bool is_last_answer = entry.acks == 1;
  // A Put from the owner that leaves sharers behind, or not.
  const auto put = [&](Event none_left, Event some_left) {
    return entry.sharers.empty() ? none_left : some_left;
  };
  switch (kind) {
    case Kind::GetS:
      return Event::GetS;
    case Kind::GetM:
      if constexpr (requires { Event::GetMOwner; })
        if (from_owner) return Event::GetMOwner;
      return from_sharer() ? Event::GetMSharer : Event::GetM;
    case Kind::InvAck:
      return is_last_answer ? Event::LastInvAck : Event::InvAck;
    case Kind::Data:
      return is_last_answer ? Event::LastData : Event::Data;
    default:
      break;
  }
  if constexpr (requires { Kind::Atomic; })
    if (kind == Kind::Atomic)
      return entry.state == P::HomeState::S && (entry.sharers.empty() || from_last_sharer())
                 ? Event::AtomicAlone
                 : Event::Atomic;
  if (from_owner) {
    if constexpr (requires { Event::PutMOwnerShared; }) {
      if constexpr (requires { Kind::PutO; })
        if (kind == Kind::PutO) return put(Event::PutMOwner, Event::PutMOwnerShared);
      if constexpr (requires { Kind::PutE; })
        if (kind == Kind::PutE) return put(Event::PutEOwner, Event::PutEOwnerShared);
      if (kind == Kind::PutM) return put(Event::PutMOwner, Event::PutMOwnerShared);
    } else {
      if constexpr (requires { Kind::PutF; })
        if (kind == Kind::PutF) return put(Event::PutFOwner, Event::PutFOwnerShared);
      if constexpr (requires { Kind::PutE; })
        if (kind == Kind::PutE) return Event::PutEOwner;
      if (kind == Kind::PutM) return Event::PutMOwner;
    }
  }
  return from_last_sharer() ? Event::PutOtherLast : Event::PutOther;
}

/// The home wants the entry for another line.
template <class P>
typename P::HomeEvent classify_recall(const typename P::Entry& entry) {
  using Event = typename P::HomeEvent;
  if constexpr (requires { Event::RecallUnused; })
    if (entry.state == P::HomeState::S && entry.sharers.empty()) return Event::RecallUnused;
  return Event::Recall;
}

}  // namespace baton::directory
