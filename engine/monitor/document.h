#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace signalbox::monitor {

/// How a document is laid out: for people who look at it, or for those it is sent to.
enum class Layout {
    Indented,
    Compact
};

/// What a JSON writer takes.
constexpr int indent_of(Layout layout) {
    return layout == Layout::Indented ? 2 : 0;
}

/// The rest of a long document, rendered part by part, so that no other work waits for the whole.
class Document {
public:
    virtual ~Document() = default;

    /// Appends the next part, some ten thousand bytes; false when it was the last.
    virtual bool append_part(std::string& out) = 0;
};

constexpr std::string_view kJsonType = "application/json";
constexpr std::string_view kTextType = "text/plain; charset=utf-8";

/// What a request is answered with.
struct Answer {
    int status = 200;
    std::string_view content_type = kJsonType;
    std::string text;
    std::unique_ptr<Document> rest;  ///< What follows `text`; none: that is all.
};

/// A refusal, which is plain text.
inline Answer refusal(int status, std::string text) {
    return {.status = status, .content_type = kTextType, .text = std::move(text)};
}

/// A document that is short, and there at once.
inline Answer answer_whole(std::string text) {
    Answer answer;
    answer.text = std::move(text);
    return answer;
}

/// The whole of a document that comes in parts.
inline Answer answer_in_parts(std::unique_ptr<Document> document) {
    Answer answer;
    if (document->append_part(answer.text)) {
        answer.rest = std::move(document);
    }
    return answer;
}

}  // namespace signalbox::monitor
