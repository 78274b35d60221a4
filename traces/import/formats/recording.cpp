// Baton's own recordings. See traces/format/README.md.

#include "traces/error.hpp"
#include "traces/format/block.hpp"
#include "traces/import/format.hpp"
#include "traces/import/recording_stream.hpp"

namespace baton::traces {
namespace {

class RecordingFormat final : public Format {
 public:
  std::string_view name() const override { return "recording"; }
  std::string_view summary() const override { return "a recording of baton record, binary"; }
  bool file_per_core() const override { return false; }
  bool gates() const override { return true; }
  bool matches(std::string_view head) const override { return head.starts_with(format::file_magic); }
  // So that one whose first bytes are damaged can be salvaged.
  bool claims(std::string_view file_name) const override {
    return Format::claims(file_name) || file_name.ends_with(".baton");
  }
  std::shared_ptr<const ThreadFile> threads(const std::string& path, bool salvage) const override {
    if (path.ends_with(".gz") || path.ends_with(".zst")) {
      throw InputError(path, "",
                       "recordings are read as they are, found a compressed one, allowed a recording that "
                       "has been decompressed");
    }
    const auto damage = salvage ? format::Damage::salvage : format::Damage::refuse;
    return std::make_shared<RecordedThreads>(std::make_shared<const format::Recording>(path, damage));
  }
  std::unique_ptr<OrderedStream> open(const std::string& path, std::uint32_t core,
                                      std::uint32_t) const override {
    return threads(path, false)->stream(core);
  }
};

}  // namespace

const Format& format_recording() {
  static const RecordingFormat format;
  return format;
}

}  // namespace baton::traces
