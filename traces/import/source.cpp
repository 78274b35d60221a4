#include "traces/import/source.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <new>
#include <vector>

#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "traces/error.hpp"
#include "traces/input_file.hpp"

namespace baton::traces {
namespace {

constexpr std::size_t input_bytes = 256 * 1024;

/// The file as it is.
class Plain final : public ByteSource {
 public:
  explicit Plain(const std::string& path) : path_(path), descriptor_(open_input(path)) {}
  ~Plain() override { close(descriptor_); }
  Plain(const Plain&) = delete;
  Plain& operator=(const Plain&) = delete;

  std::size_t read(char* buffer, std::size_t size) override {
    while (true) {
      const ssize_t n = ::read(descriptor_, buffer, size);
      if (n >= 0) {
        offset_ += static_cast<std::uint64_t>(n);
        return static_cast<std::size_t>(n);
      }
      if (errno != EINTR) fail(offset_, std::string("cannot be read: ") + std::strerror(errno));
    }
  }

  [[noreturn]] void fail(std::uint64_t offset, const std::string& problem) const {
    throw InputError(path_, "byte offset " + std::to_string(offset), problem);
  }

 private:
  std::string path_;
  int descriptor_;
  std::uint64_t offset_ = 0;
};

/// What the two decompressors share: a window on the compressed file.
class Compressed : public ByteSource {
 protected:
  explicit Compressed(const std::string& path) : file_(path), input_(input_bytes) {}

  /// Reads on, behind what is left in the window, which must not be full. False at the end of the file.
  bool refill() {
    std::memmove(input_.data(), input_.data() + position_, filled_ - position_);
    start_ += position_;
    filled_ -= position_;
    position_ = 0;
    const std::size_t n = file_.read(input_.data() + filled_, input_.size() - filled_);
    filled_ += n;
    return n > 0;
  }
  char* window() { return input_.data() + position_; }
  std::size_t available() const { return filled_ - position_; }
  void consume_down_to(std::size_t left) { position_ = filled_ - left; }

  [[noreturn]] void fail(const std::string& problem) const { file_.fail(start_ + position_, problem); }
  [[noreturn]] void fail_early(const std::string& what) const {
    file_.fail(start_ + filled_,
               "the compressed data end too early, found the end of the file, allowed a whole " + what);
  }

 private:
  Plain file_;
  std::vector<char> input_;
  std::size_t position_ = 0, filled_ = 0;
  std::uint64_t start_ = 0;  ///< of the window in the file
};

class Gzip final : public Compressed {
 public:
  explicit Gzip(const std::string& path) : Compressed(path) {
    if (inflateInit2(&stream_, 15 + 16) != Z_OK) throw std::bad_alloc();
  }
  ~Gzip() override { inflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  std::size_t read(char* buffer, std::size_t size) override {
    size = std::min<std::size_t>(size, 1U << 30);
    while (true) {
      if (!inside_ && !begin_member()) return 0;
      if (available() == 0 && !refill()) fail_early("gzip member");
      stream_.next_in = reinterpret_cast<Bytef*>(window());
      stream_.avail_in = static_cast<uInt>(available());
      stream_.next_out = reinterpret_cast<Bytef*>(buffer);
      stream_.avail_out = static_cast<uInt>(size);
      const int status = inflate(&stream_, Z_NO_FLUSH);
      consume_down_to(stream_.avail_in);
      if (status == Z_STREAM_END) {
        inside_ = false;
        inflateReset(&stream_);
      } else if (status != Z_OK && status != Z_BUF_ERROR) {
        fail(std::string("the gzip data are corrupt, found \"") +
             (stream_.msg ? stream_.msg : zError(status)) + "\"");
      }
      const std::size_t made = size - stream_.avail_out;
      if (made > 0) return made;
    }
  }

 private:
  /// False at the end of the file, which may come only between members, and not before the first.
  bool begin_member() {
    while (available() < 2 && refill()) {
    }
    if (available() == 0 && begun_) return false;
    const unsigned char* head = reinterpret_cast<unsigned char*>(window());
    if (available() < 2 || head[0] != 0x1f || head[1] != 0x8b) {
      fail(begun_ ? "the gzip data are followed by something else, allowed another gzip member"
                  : "not gzip data, allowed a member that begins with the bytes 1f 8b");
    }
    return inside_ = begun_ = true;
  }

  z_stream stream_{};
  bool inside_ = false, begun_ = false;
};

class Zstd final : public Compressed {
 public:
  explicit Zstd(const std::string& path) : Compressed(path), stream_(ZSTD_createDStream()) {
    if (stream_ == nullptr) throw std::bad_alloc();
  }
  ~Zstd() override { ZSTD_freeDStream(stream_); }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;

  std::size_t read(char* buffer, std::size_t size) override {
    ZSTD_outBuffer out{buffer, size, 0};
    while (true) {
      // Inside a frame, decoded bytes may wait in the decoder though its input is used up.
      const bool more = available() > 0 || refill();
      if (!more && !inside_) {
        if (!begun_) fail("not zstd data, found an empty file, allowed a zstd frame");
        return 0;
      }
      ZSTD_inBuffer in{window(), available(), 0};
      const std::size_t status = ZSTD_decompressStream(stream_, &out, &in);
      consume_down_to(in.size - in.pos);
      if (ZSTD_isError(status)) {
        fail(std::string("the zstd data are corrupt, found \"") + ZSTD_getErrorName(status) + "\"");
      }
      begun_ = true;
      inside_ = status != 0;
      if (out.pos > 0) return out.pos;
      if (!more && inside_) fail_early("zstd frame");
    }
  }

 private:
  ZSTD_DStream* stream_;
  bool inside_ = false, begun_ = false;
};

}  // namespace

std::unique_ptr<ByteSource> open_source(const std::string& path) {
  if (path.ends_with(".gz")) return std::make_unique<Gzip>(path);
  if (path.ends_with(".zst")) return std::make_unique<Zstd>(path);
  return std::make_unique<Plain>(path);
}

}  // namespace baton::traces
