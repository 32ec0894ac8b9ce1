#include "gui/models/payload_text.h"

#include "engine/base/json_reader.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"

#include "gui/models/figures.h"

#include <QCoreApplication>

#include <array>

namespace signalbox::gui {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

/// Lays out a document that is known to be well formed, without touching a character of its
/// values.
class JsonLayout {
public:
    explicit JsonLayout(std::string_view text) : text_(text) {}

    std::string run() {
        for (std::size_t i = 0; i < text_.size(); ++i) {
            char const c = text_[i];
            if (quoted_) {
                inString(c);
            } else if (c == '"') {
                quoted_ = true;
                out_.push_back(c);
            } else if (c == '{' || c == '[') {
                open(i);
            } else if (c == '}' || c == ']') {
                close(c);
            } else if (c == ',') {
                out_.push_back(c);
                newLine();
            } else if (c == ':') {
                out_.append(": ");
            } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
                out_.push_back(c);
            }
        }
        return std::move(out_);
    }

private:
    void inString(char c) {
        out_.push_back(c);
        if (escaped_) {
            escaped_ = false;
        } else if (c == '\\') {
            escaped_ = true;
        } else if (c == '"') {
            quoted_ = false;
        }
    }

    void open(std::size_t at) {
        out_.push_back(text_[at]);
        std::size_t const next = text_.find_first_not_of(" \t\r\n", at + 1);
        empty_ = next != std::string_view::npos && (text_[next] == '}' || text_[next] == ']');
        ++depth_;
        if (!empty_) {
            newLine();
        }
    }

    void close(char c) {
        --depth_;
        if (!empty_) {
            newLine();
        }
        empty_ = false;
        out_.push_back(c);
    }

    void newLine() {
        out_.push_back('\n');
        out_.append(depth_ * 2, ' ');
    }

    std::string_view text_;
    std::string out_;
    std::size_t depth_ = 0;
    bool quoted_ = false;
    bool escaped_ = false;
    bool empty_ = false;  ///< What was opened last closes at once.
};

}  // namespace

bool isText(std::string const& bytes) {
    std::string_view rest = bytes;
    while (!rest.empty()) {
        auto const c = static_cast<unsigned char>(rest.front());
        if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f) {
            return false;
        }
        std::size_t const length = base::utf8_length(rest);
        if (length == 0) {
            return false;
        }
        rest.remove_prefix(length);
    }
    return true;
}

std::optional<QString> prettyJson(std::string const& bytes) {
    std::string_view const text = base::trim(bytes);
    if (text.empty() || !Json::parse(text).ok()) {
        return std::nullopt;
    }
    return wireText(JsonLayout(text).run());
}

QString jsonProblem(std::string const& bytes) {
    Result<Json> const parsed = Json::parse(bytes);
    if (parsed.ok()) {
        return {};
    }
    QString const detail = QString::fromStdString(parsed.error().detail());
    return detail.isEmpty() ? QCoreApplication::translate("payload", "not a JSON document")
                            : detail;
}

QString hexDump(std::string const& bytes) {
    std::string out;
    out.reserve(bytes.size() / 16 * 78 + 80);
    for (std::size_t line = 0; line < bytes.size(); line += 16) {
        for (int shift = 28; shift >= 0; shift -= 4) {
            out.push_back(kHexDigits[(line >> shift) & 0xf]);
        }
        out.append("  ");
        std::string ascii;
        for (std::size_t i = line; i < line + 16; ++i) {
            if (i < bytes.size()) {
                auto const byte = static_cast<unsigned char>(bytes[i]);
                out.push_back(kHexDigits[byte >> 4]);
                out.push_back(kHexDigits[byte & 0xf]);
                ascii.push_back(byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.');
            } else {
                out.append("  ");
            }
            out.append(i - line == 7 ? "  " : " ");
        }
        out.append(" ").append(ascii).append("\n");
    }
    return QString::fromStdString(out);
}

std::vector<std::pair<QString, QString>> headerFields(std::string const& block) {
    std::vector<std::pair<QString, QString>> fields;
    bool first = true;
    for (std::string_view line : base::split(block, '\n')) {
        if (!line.empty() && line.back() == '\r') {
            line.remove_suffix(1);
        }
        if (first) {
            first = false;
            std::string_view const status =
                line.starts_with("NATS/1.0") ? base::trim(line.substr(8)) : line;
            if (!status.empty()) {
                fields.emplace_back(QString(), wireText(std::string(status)));
            }
            continue;
        }
        std::size_t const colon = line.find(':');
        if (colon != std::string_view::npos) {
            fields.emplace_back(wireText(std::string(line.substr(0, colon))),
                                wireText(std::string(base::trim(line.substr(colon + 1)))));
        }
    }
    return fields;
}

}  // namespace signalbox::gui
