#include "traces/export/sink.hpp"

#include <new>
#include <stdexcept>
#include <vector>

#include <zlib.h>
#include <zstd.h>

namespace baton::traces {
namespace {

constexpr std::size_t block_bytes = 1 << 18;

}  // namespace

class TextSink::Compressor {
 public:
  virtual ~Compressor() = default;
  virtual void compress(std::string_view text, bool last, OutputFile& file) = 0;
};

class TextSink::Gzip final : public Compressor {
 public:
  Gzip() {
    constexpr int gzip_header = 16;
    if (deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + gzip_header, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~Gzip() override { deflateEnd(&stream_); }

  void compress(std::string_view text, bool last, OutputFile& file) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream_.avail_in = static_cast<uInt>(text.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(out_.data());
      stream_.avail_out = static_cast<uInt>(out_.size());
      deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
      file.write({out_.data(), out_.size() - stream_.avail_out});
    } while (stream_.avail_out == 0);
  }

 private:
  z_stream stream_{};
  std::vector<char> out_ = std::vector<char>(block_bytes);
};

class TextSink::Zstd final : public Compressor {
 public:
  Zstd() : context_(ZSTD_createCCtx(), &ZSTD_freeCCtx) {
    if (!context_) throw std::bad_alloc();
  }

  void compress(std::string_view text, bool last, OutputFile& file) override {
    ZSTD_inBuffer in{text.data(), text.size(), 0};
    std::size_t left = 0;
    do {
      ZSTD_outBuffer out{out_.data(), out_.size(), 0};
      left = ZSTD_compressStream2(context_.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left) != 0) throw std::runtime_error(ZSTD_getErrorName(left));
      file.write({out_.data(), out.pos});
    } while (last ? left != 0 : in.pos < in.size);
  }

 private:
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context_;
  std::vector<char> out_ = std::vector<char>(block_bytes);
};

TextSink::TextSink(const std::string& path) : file_(path) {
  if (path.ends_with(".gz")) compressor_ = std::make_unique<Gzip>();
  if (path.ends_with(".zst")) compressor_ = std::make_unique<Zstd>();
}

TextSink::~TextSink() = default;

void TextSink::write(std::string_view text) {
  waiting_ += text;
  if (waiting_.size() >= block_bytes) flush(false);
}

void TextSink::flush(bool last) {
  if (compressor_) {
    compressor_->compress(waiting_, last, file_);
  } else {
    file_.write(waiting_);
  }
  waiting_.clear();
}

void TextSink::finish() {
  flush(true);
  file_.finish();
}

}  // namespace baton::traces
