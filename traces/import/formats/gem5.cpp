// gem5's packet traces: length-delimited protobuf messages. See traces/import/README.md.

#include <cstring>
#include <vector>

#include "traces/error.hpp"
#include "traces/import/formats/gap.hpp"
#include "traces/import/source.hpp"

namespace baton::traces {
namespace {

constexpr std::string_view magic = "gem5";
/// A header may carry names; packets have a few dozen bytes.
constexpr std::uint64_t longest_message = 1 << 20;
/// Request::INST_FETCH.
constexpr std::uint64_t instruction_fetch = 0x100;

/// Of MemCmd::Command. 30 and 34 moved when LockedRMW… came in between (gem5 22.1): both are
/// read-modify-writes in either numbering, but for 34, a fence before, which has no size.
enum class Command : std::uint64_t {
  ReadReq = 1,
  WriteReq = 4,
  WriteLineReq = 16,
  ReadExReq = 22,
  ReadCleanReq = 24,
  ReadSharedReq = 25,
  LoadLockedReq = 26,
  StoreCondReq = 27,
  LockedRMWReadReq = 30,
  SwapReq = 34,
};

struct Packet {
  std::uint64_t command = 0;
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  std::uint64_t flags = 0;
};

class PacketStream final : public OrderedStream {
 public:
  PacketStream(const std::string& path, std::uint32_t core)
      : path_(path), source_(open_source(path)), core_(core), buffer_(64 * 1024) {
    char found[magic.size()] = {};
    for (char& c : found) {
      if (!byte(c)) fail("is not a gem5 trace, found fewer than four bytes, allowed gem5 and messages");
    }
    if (std::string_view(found, magic.size()) != magic) {
      fail("is not a gem5 trace, found other first bytes, allowed gem5");
    }
    if (!read_message()) fail("the header is missing, found the end of the file, allowed a PacketHeader");
  }

  std::size_t next(std::span<OrderedOperation> out) override {
    std::size_t n = 0;
    while (n < out.size() && read_message()) {
      const Packet packet = parse_packet();
      Kind kind = Kind::load;
      if (packet.size == 0 || (packet.flags & instruction_fetch) != 0 || !is_access(packet, kind)) continue;
      if (packet.size > longest_access) {
        fail("the size of a packet is out of range, found " + std::to_string(packet.size) +
             ", allowed 1 to " + std::to_string(longest_access));
      }
      out[n].operation = {
          .address = packet.address, .size = static_cast<std::uint16_t>(packet.size), .kind = kind};
      if (ends_beyond_memory(out[n].operation))
        fail("a packet ends beyond the last address, found address " + std::to_string(packet.address) +
             " and size " + std::to_string(packet.size));
      out[n++].core = core_;
    }
    return n;
  }

 private:
  static bool is_access(const Packet& packet, Kind& kind) {
    switch (static_cast<Command>(packet.command)) {
      case Command::ReadReq:
      case Command::ReadCleanReq:
      case Command::ReadSharedReq:
      case Command::LoadLockedReq:
        kind = Kind::load;
        return true;
      case Command::WriteReq:
      case Command::WriteLineReq:
      case Command::ReadExReq:
      case Command::StoreCondReq:
        kind = Kind::store;
        return true;
      case Command::LockedRMWReadReq:
      case Command::SwapReq:
        kind = Kind::rmw;
        return true;
      default:
        return false;
    }
  }

  bool byte(char& c) {
    if (position_ == filled_) {
      filled_ = source_->read(buffer_.data(), buffer_.size());
      position_ = 0;
      if (filled_ == 0) return false;
    }
    c = buffer_[position_++];
    ++offset_;
    return true;
  }

  /// The next message to message_; false at the end of the file.
  bool read_message() {
    message_at_ = offset_;
    std::uint64_t length = 0;
    char c = 0;
    for (int shift = 0;; shift += 7) {
      if (!byte(c)) {
        if (shift == 0) return false;
        fail_truncated();
      }
      if (shift > 28) fail("the length of a message is corrupt");
      length |= static_cast<std::uint64_t>(c & 0x7f) << shift;
      if ((c & 0x80) == 0) break;
    }
    if (length > longest_message) {
      fail("the length of a message is out of range, found " + std::to_string(length) + ", allowed up to " +
           std::to_string(longest_message));
    }
    message_.resize(static_cast<std::size_t>(length));
    for (char& one : message_) {
      if (!byte(one)) fail_truncated();
    }
    return true;
  }

  std::uint64_t varint(std::size_t& at) const {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at == message_.size()) break;
      const auto c = static_cast<std::uint8_t>(message_[at++]);
      value |= static_cast<std::uint64_t>(c & 0x7f) << shift;
      if (c < 0x80) return value;
    }
    fail("a message is corrupt");
  }

  /// Field numbers and wire types: gem5's src/proto/packet.proto, and protobuf's description of its encoding.
  Packet parse_packet() const {
    Packet packet;
    std::size_t at = 0;
    while (at < message_.size()) {
      const std::uint64_t key = varint(at);
      const std::uint64_t type = key & 7;
      std::uint64_t value = 0;
      std::uint64_t skip = 0;
      if (type == 0) {
        value = varint(at);
      } else {
        skip = type == 1 ? 8 : type == 5 ? 4 : type == 2 ? varint(at) : longest_message + 1;
      }
      if (skip > message_.size() - at) fail("a message is corrupt");
      at += static_cast<std::size_t>(skip);
      if (type != 0) continue;
      switch (key >> 3) {
        case 2:
          packet.command = value;
          break;
        case 3:
          packet.address = value;
          break;
        case 4:
          packet.size = value;
          break;
        case 5:
          packet.flags = value;
          break;
        default:
          break;  // the tick and what later versions add
      }
    }
    return packet;
  }

  [[noreturn]] void fail(const std::string& problem) const {
    throw InputError(path_, "byte offset " + std::to_string(message_at_) + " of the decompressed file",
                     problem);
  }
  [[noreturn]] void fail_truncated() const {
    fail("the file is truncated, found its end inside a message, allowed whole messages");
  }

  std::string path_;
  std::unique_ptr<ByteSource> source_;
  std::uint32_t core_;
  std::vector<char> buffer_;
  std::size_t position_ = 0;
  std::size_t filled_ = 0;
  std::uint64_t offset_ = 0;      ///< of buffer_[position_] in the file
  std::uint64_t message_at_ = 0;  ///< where message_ began
  std::string message_;
};

class Gem5 final : public Format {
 public:
  std::string_view name() const override { return "gem5"; }
  std::string_view summary() const override { return "gem5's packet traces, binary, one file a core"; }
  bool file_per_core() const override { return true; }
  bool matches(std::string_view head) const override { return head.starts_with(magic); }
  std::unique_ptr<OrderedStream> open(const std::string& path, std::uint32_t core,
                                      std::uint32_t) const override {
    return std::make_unique<PacketStream>(path, core);
  }
};

}  // namespace

const Format& format_gem5() {
  static const Gem5 format;
  return format;
}

}  // namespace baton::traces
