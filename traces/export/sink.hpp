#pragma once

#include <memory>
#include <string>

#include "traces/output_file.hpp"

namespace baton::traces {

/// An output file, compressed by its extension.
class TextSink {
 public:
  explicit TextSink(const std::string& path);
  ~TextSink();

  void write(std::string_view text);
  void finish();

 private:
  class Compressor;
  class Gzip;
  class Zstd;

  void flush(bool last);

  OutputFile file_;
  std::unique_ptr<Compressor> compressor_;  ///< null: none
  std::string waiting_;
};

}  // namespace baton::traces
