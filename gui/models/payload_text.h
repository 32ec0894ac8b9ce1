#pragma once

#include <QString>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::gui {

/// Whether the bytes can be shown as text: UTF-8 without control characters other than blanks.
bool isText(std::string const& bytes);

/// The JSON document laid out on lines, members in their order and numbers with their digits as
/// they came; nothing when the bytes are no JSON document.
std::optional<QString> prettyJson(std::string const& bytes);

/// What is wrong with a JSON document; empty when nothing is.
QString jsonProblem(std::string const& bytes);

/// Lines of an offset, sixteen bytes in hexadecimal, and the same as ASCII.
QString hexDump(std::string const& bytes);

/// The fields of a header block, in order, repeated ones repeated; the status of a first line such
/// as `NATS/1.0 503` comes as a field with an empty name.
std::vector<std::pair<QString, QString>> headerFields(std::string const& block);

}  // namespace signalbox::gui
