#pragma once
// The description of a parameter: one source for parsing with checks, the effective config, the JSON Schema
// and the table of fields in configs/README.md.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/experiment/json.hpp"
#include "sim/experiment/problem.hpp"

namespace baton::experiment {

enum class Type { boolean, integer, real, text, choice, bytes, time, frequency, bandwidth };

/// Where the value lives. A field of type text or choice has a string; integers and quantities an unsigned
/// number, or a double that holds a whole one.
using Target = std::variant<bool*, std::uint32_t*, std::uint64_t*, double*, std::string*>;

struct Field {
  std::string name;
  Type type;
  Target target;  ///< holds the default until a config is read into it
  double min = 0;
  double max = 0;                    ///< both inclusive, in base units (bytes, ps, Hz, B/s); at most 2^53
  std::vector<std::string> choices;  ///< Type::choice only
  std::string meaning;
  bool optional = false;  ///< left out of the effective config while it is empty text, 0 or false
};

/// An object of a config: its own fields, then the objects in it. Points into the described struct.
struct Section {
  std::string name;
  std::string meaning;
  std::vector<Field> fields;
  std::vector<Section> sections;
};

Field flag(std::string name, bool& target, std::string meaning);
Field count(std::string name, std::uint32_t& target, double min, double max, std::string meaning);
Field count(std::string name, std::uint64_t& target, double min, double max, std::string meaning);
Field real(std::string name, double& target, double min, double max, std::string meaning);
Field text(std::string name, std::string& target, std::string meaning);
Field optional_text(std::string name, std::string& target, std::string meaning);
Field one_of(std::string name, std::string& target, std::vector<std::string> choices, std::string meaning);
Field size(std::string name, std::uint32_t& target, double min, double max, std::string meaning);
Field size(std::string name, std::uint64_t& target, double min, double max, std::string meaning);
Field quantity(std::string name, Type type, std::uint64_t& target, double min, double max,
               std::string meaning);

/// Reads `value` into the field, or says what is wrong with it.
void read_field(const Field& field, const Json& value, const std::string& pointer, Problems& problems);

/// Reads an object: every key must be a field, a section or in `also` (which the caller reads); keys that are
/// absent keep their defaults.
void read_section(const Section& section, const Json& object, const std::string& pointer, Problems& problems,
                  const std::vector<std::string>& also = {});

/// The value in canonical form: quantities with their largest exact unit.
Json write_field(const Field& field);
/// All fields, in order of description.
Json write_section(const Section& section);

/// The field's draft-7 schema.
Json field_schema(const Field& field);
/// An object's schema; no keys but its own.
Json section_schema(const Section& section);

/// "a whole number from 1 to 4096", "one of \"lru\", \"tree_plru\"".
std::string allowed_text(const Field& field);

/// The problem of a key that is not in `known`.
Problem unknown_key(const std::string& parent, std::string_view key, const std::vector<std::string>& known);

}  // namespace baton::experiment
