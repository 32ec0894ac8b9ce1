#pragma once

#include "engine/base/json_reader.h"
#include "engine/base/json_writer.h"
#include "engine/base/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::claims {

/// Reads the members of one JSON object by their exact names. What is absent or null leaves the
/// place as it is; the first member of another type is remembered, and nothing is read after it.
class Fields {
public:
    /// `json` null: an object without members. It outlives this.
    explicit Fields(Json const* json);

    void read(std::string_view name, std::string& out);
    void read(std::string_view name, std::int64_t& out);
    void read(std::string_view name, bool& out);
    void read(std::string_view name, std::vector<std::string>& out);

    /// The object or array of that name, or null.
    Json const* object(std::string_view name);
    Json const* array(std::string_view name);

    /// Each element of the array of that name, until one fails.
    void each(std::string_view name, std::function<Result<void>(Json const&)> const& take);
    /// Each member of the object of that name, until one fails.
    void members(std::string_view name,
                 std::function<Result<void>(std::string const&, Json const&)> const& take);

    /// Keeps the error of something read from within this object.
    void note(Result<void> const& result);

    /// Errors: Malformed, with the member's name.
    Result<void> outcome() const;

private:
    Json const* find(std::string_view name) const;
    void wrong(std::string_view name);

    Json const* json_;
    std::optional<Error> error_;
};

/// Refuses what two readers of one JSON text could take for different things: two members of one
/// name in one object. Errors: Malformed.
Result<void> refuse_duplicates(Json const& json);

/// `name` and the texts, or nothing when there are none.
void write_texts(JsonWriter& json, std::string_view name, std::vector<std::string> const& texts);

}  // namespace signalbox::claims
