#include "traces/import/format.hpp"

#include <filesystem>
#include <vector>

#include "traces/error.hpp"
#include "traces/import/lines.hpp"
#include "traces/import/source.hpp"

namespace baton::traces {

#define BATON_TRACE_FORMAT(name) const Format& format_##name();
#include "trace_format_list.inc"
#undef BATON_TRACE_FORMAT

std::span<const Format* const> all_formats() {
  static const std::vector<const Format*> formats = {
#define BATON_TRACE_FORMAT(name) &format_##name(),
#include "trace_format_list.inc"
#undef BATON_TRACE_FORMAT
  };
  return formats;
}

const Format* find_format(std::string_view name) {
  for (const Format* format : all_formats()) {
    if (format->name() == name) return format;
  }
  return nullptr;
}

std::string format_names() {
  std::string names;
  for (const Format* format : all_formats()) {
    names += (names.empty() ? "" : ", ") + std::string(format->name());
  }
  return names;
}

const Format& detect_format(const std::string& path) {
  std::string file_name = std::filesystem::path(path).filename().string();
  for (const char* compression : {".gz", ".zst"}) {
    if (file_name.ends_with(compression))
      file_name.resize(file_name.size() - std::string_view(compression).size());
  }
  for (const Format* format : all_formats()) {
    if (format->claims(file_name)) return *format;
  }
  // A licence or other long comment may precede the first record.
  std::string head(64 * 1024, '\0');
  std::size_t filled = 0;
  const std::unique_ptr<ByteSource> source = open_source(path);
  while (filled < head.size()) {
    const std::size_t n = source->read(head.data() + filled, head.size() - filled);
    if (n == 0) break;
    filled += n;
  }
  head.resize(filled);
  for (const Format* format : all_formats()) {
    if (format->matches(head)) return *format;
  }
  const FirstLine first = first_record_line(head);
  if (first.number == 0)
    throw InputError(path, "", "the trace is empty, found no access, allowed at least one");
  throw InputError(
      path, "line " + std::to_string(first.number),
      "not of a known trace format, found " + quoted(first.text) + ", allowed " + format_names());
}

}  // namespace baton::traces
