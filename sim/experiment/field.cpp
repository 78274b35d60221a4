#include "sim/experiment/field.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "sim/experiment/units.hpp"

namespace baton::experiment {
namespace {

std::optional<Quantity> quantity_of(Type type) {
  switch (type) {
    case Type::bytes:
      return Quantity::bytes;
    case Type::time:
      return Quantity::time;
    case Type::frequency:
      return Quantity::frequency;
    case Type::bandwidth:
      return Quantity::bandwidth;
    default:
      return std::nullopt;
  }
}

std::string number_text(double number) {
  return Json(number).dump();
}

std::string whole_text(double number) {
  return std::to_string(static_cast<std::uint64_t>(number));
}

std::uint64_t stored(const Field& field) {
  if (const auto* small = std::get_if<std::uint32_t*>(&field.target)) return **small;
  if (const auto* number = std::get_if<double*>(&field.target)) return static_cast<std::uint64_t>(**number);
  return **std::get_if<std::uint64_t*>(&field.target);
}

void store(const Field& field, double number) {
  if (const auto* small = std::get_if<std::uint32_t*>(&field.target)) {
    **small = static_cast<std::uint32_t>(number);
  } else if (const auto* large = std::get_if<std::uint64_t*>(&field.target)) {
    **large = static_cast<std::uint64_t>(number);
  } else if (const auto* real_number = std::get_if<double*>(&field.target)) {
    **real_number = number;
  }
}

/// The number that `value` gives for the field; nothing if it has the wrong type. 16.0 and 1e3 are whole
/// numbers.
std::optional<double> number_in(const Field& field, const Json& value) {
  if (const auto unit = quantity_of(field.type); unit && value.is_string()) {
    const auto parsed = parse_quantity(value.get_ref<const std::string&>(), *unit);
    return parsed ? std::optional(static_cast<double>(*parsed)) : std::nullopt;
  }
  const bool plain = field.type == Type::integer || field.type == Type::real || field.type == Type::bytes;
  if (!plain || !value.is_number()) return std::nullopt;
  const double number = value.get<double>();
  if (field.type != Type::real && number != std::floor(number)) return std::nullopt;
  return number;
}

/// The text of a choice that is a whole number, which may be given as one: 8 means the same as "8".
std::optional<std::string> choice_in(const Field& field, const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (field.type != Type::choice || !value.is_number()) return std::nullopt;
  const auto means = [number = value.get<double>()](const std::string& choice) {
    const Json parsed = Json::parse(choice, nullptr, false);
    return parsed.is_number_unsigned() && parsed.get<double>() == number;
  };
  const auto choice = std::ranges::find_if(field.choices, means);
  return choice == field.choices.end() ? std::nullopt : std::optional(*choice);
}

Field make(std::string name, Type type, Target target, double min, double max, std::string meaning) {
  return {std::move(name), type, target, min, max, {}, std::move(meaning)};
}

std::vector<std::string> key_names(const Section& section, const std::vector<std::string>& also) {
  std::vector<std::string> names;
  for (const Field& field : section.fields) names.push_back(field.name);
  for (const Section& inner : section.sections) names.push_back(inner.name);
  names.insert(names.end(), also.begin(), also.end());
  return names;
}

}  // namespace

Field flag(std::string name, bool& target, std::string meaning) {
  return make(std::move(name), Type::boolean, &target, 0, 0, std::move(meaning));
}
Field count(std::string name, std::uint32_t& target, double min, double max, std::string meaning) {
  return make(std::move(name), Type::integer, &target, min, max, std::move(meaning));
}
Field count(std::string name, std::uint64_t& target, double min, double max, std::string meaning) {
  return make(std::move(name), Type::integer, &target, min, max, std::move(meaning));
}
Field real(std::string name, double& target, double min, double max, std::string meaning) {
  return make(std::move(name), Type::real, &target, min, max, std::move(meaning));
}
Field text(std::string name, std::string& target, std::string meaning) {
  return make(std::move(name), Type::text, &target, 0, 0, std::move(meaning));
}
Field optional_text(std::string name, std::string& target, std::string meaning) {
  Field field = text(std::move(name), target, std::move(meaning));
  field.optional = true;
  return field;
}
Field one_of(std::string name, std::string& target, std::vector<std::string> choices, std::string meaning) {
  Field field = make(std::move(name), Type::choice, &target, 0, 0, std::move(meaning));
  field.choices = std::move(choices);
  return field;
}
Field size(std::string name, std::uint32_t& target, double min, double max, std::string meaning) {
  return make(std::move(name), Type::bytes, &target, min, max, std::move(meaning));
}
Field size(std::string name, std::uint64_t& target, double min, double max, std::string meaning) {
  return make(std::move(name), Type::bytes, &target, min, max, std::move(meaning));
}
Field quantity(std::string name, Type type, std::uint64_t& target, double min, double max,
               std::string meaning) {
  return make(std::move(name), type, &target, min, max, std::move(meaning));
}

std::string allowed_text(const Field& field) {
  switch (field.type) {
    case Type::boolean:
      return "true or false";
    case Type::integer:
      return "a whole number from " + whole_text(field.min) + " to " + whole_text(field.max);
    case Type::real:
      return field.max == std::numeric_limits<double>::max()
                 ? "a number of at least " + number_text(field.min)
                 : "a number from " + number_text(field.min) + " to " + number_text(field.max);
    case Type::text:
      return "a string";
    case Type::choice:
      return (field.choices.size() == 1 ? "" : "one of ") + quoted_list(field.choices);
    default:
      break;
  }
  const Quantity unit = *quantity_of(field.type);
  const auto show = [&](double number) { return format_quantity(static_cast<std::uint64_t>(number), unit); };
  return std::string(unit == Quantity::bytes ? "a size in bytes or with a unit ("
                                             : "a number with a unit (") +
         unit_names(unit) + ") from " + show(field.min) + " to " + show(field.max);
}

void read_field(const Field& field, const Json& value, const std::string& pointer, Problems& problems) {
  const auto wrong = [&](const std::string& hint = "") {
    problems.push_back({pointer, "must be " + allowed_text(field) + ", found " + found_text(value) + hint});
  };
  if (field.type == Type::boolean) {
    if (!value.is_boolean()) return wrong();
    **std::get_if<bool*>(&field.target) = value.get<bool>();
    return;
  }
  if (field.type == Type::text || field.type == Type::choice) {
    const auto given = choice_in(field, value);
    if (!given) return wrong();
    if (field.type == Type::choice && std::ranges::find(field.choices, *given) == field.choices.end()) {
      return wrong(did_you_mean(*given, field.choices));
    }
    **std::get_if<std::string*>(&field.target) = *given;
    return;
  }
  const auto number = number_in(field, value);
  if (!number && field.type == Type::bytes && value.is_string()) {
    // The commonest slip: "32KB" may be 32000 or 32768 bytes, so that it is not guessed.
    std::string binary = value.get<std::string>();
    if (const auto at = binary.find_last_of("kKMG"); at != std::string::npos && at + 2 == binary.size()) {
      binary[at] = binary[at] == 'k' ? 'K' : binary[at];
      binary.insert(at + 1, "i");
      if (parse_quantity(binary, Quantity::bytes)) return wrong(" (did you mean \"" + binary + "\"?)");
    }
  }
  if (!number || !(*number >= field.min && *number <= field.max)) return wrong();
  store(field, *number);
}

Problem unknown_key(const std::string& parent, std::string_view key, const std::vector<std::string>& known) {
  return {parent + "/" + pointer_token(key),
          "unknown key; allowed are " + quoted_list(known) + did_you_mean(key, known)};
}

void read_section(const Section& section, const Json& object, const std::string& pointer, Problems& problems,
                  const std::vector<std::string>& also) {
  if (!object.is_object()) {
    problems.push_back({pointer, "must be an object, found " + found_text(object)});
    return;
  }
  for (const auto& [key, value] : object.items()) {
    const auto named = [&key = key](const auto& item) { return item.name == key; };
    const std::string place = pointer + "/" + pointer_token(key);
    if (const auto field = std::ranges::find_if(section.fields, named); field != section.fields.end()) {
      read_field(*field, value, place, problems);
    } else if (const auto inner = std::ranges::find_if(section.sections, named);
               inner != section.sections.end()) {
      read_section(*inner, value, place, problems);
    } else if (std::ranges::find(also, key) == also.end()) {
      problems.push_back(unknown_key(pointer, key, key_names(section, also)));
    }
  }
}

Json write_field(const Field& field) {
  switch (field.type) {
    case Type::boolean:
      return **std::get_if<bool*>(&field.target);
    case Type::integer:
      return stored(field);
    case Type::real:
      return **std::get_if<double*>(&field.target);
    case Type::text:
    case Type::choice:
      return **std::get_if<std::string*>(&field.target);
    default:
      return format_quantity(stored(field), *quantity_of(field.type));
  }
}

bool is_empty(const Field& field) {
  if (const auto* flag = std::get_if<bool*>(&field.target)) return !**flag;
  if (const auto* text = std::get_if<std::string*>(&field.target)) return (*text)->empty();
  const auto* number = std::get_if<std::uint32_t*>(&field.target);
  return number != nullptr && **number == 0;
}

Json write_section(const Section& section) {
  Json object = Json::object();
  for (const Field& field : section.fields) {
    if (field.optional && is_empty(field)) continue;
    object[field.name] = write_field(field);
  }
  for (const Section& inner : section.sections) object[inner.name] = write_section(inner);
  return object;
}

Json field_schema(const Field& field) {
  Json schema = Json::object();
  std::string description = field.meaning;
  switch (field.type) {
    case Type::boolean:
      schema["type"] = "boolean";
      break;
    case Type::integer:
      schema["type"] = "integer";
      schema["minimum"] = static_cast<std::uint64_t>(field.min);
      schema["maximum"] = static_cast<std::uint64_t>(field.max);
      break;
    case Type::real:
      schema["type"] = "number";
      schema["minimum"] = field.min;
      if (field.max < std::numeric_limits<double>::max()) schema["maximum"] = field.max;
      break;
    case Type::text:
      schema["type"] = "string";
      break;
    case Type::choice:
      schema["enum"] = field.choices;
      for (const std::string& choice : field.choices)  // a number may be given as one
        if (Json number = Json::parse(choice, nullptr, false); number.is_number_unsigned())
          schema["enum"].push_back(std::move(number));
      break;
    default: {
      const Quantity unit = *quantity_of(field.type);
      std::string names = unit_names(unit);
      for (std::size_t at = 0; (at = names.find(", ", at)) != std::string::npos;) names.replace(at, 2, "|");
      schema["type"] = field.type == Type::bytes ? Json{"string", "integer"} : Json("string");
      schema["pattern"] = "^[0-9]+(\\.[0-9]+)?([eE][0-9]+)? ?(" + names + ")$";
      description += "; " + allowed_text(field);
    }
  }
  schema["description"] = description;
  if (!field.optional) schema["default"] = write_field(field);
  return schema;
}

Json section_schema(const Section& section) {
  Json properties = Json::object();
  for (const Field& field : section.fields) properties[field.name] = field_schema(field);
  for (const Section& inner : section.sections) properties[inner.name] = section_schema(inner);
  Json schema{{"type", "object"}};
  if (!section.meaning.empty()) schema["description"] = section.meaning;
  schema["properties"] = std::move(properties);
  schema["additionalProperties"] = false;
  return schema;
}

}  // namespace baton::experiment
