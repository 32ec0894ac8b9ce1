#pragma once

#include <string>

namespace signalbox::config {

/// The documentation of every key, as Markdown.
std::string document_keys();

}  // namespace signalbox::config
