#include "engine/native/log_writer.h"

#include "engine/base/text.h"

#include <chrono>
#include <utility>

namespace signalbox::native {

namespace {

WallTime wall_now() {
    return WallTime(
        std::chrono::duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch()));
}

/// What clients send stands in lines: no byte of it may move the cursor of whoever reads them, or
/// begin a line of its own.
std::string printable(std::string_view line) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    auto const is_control = [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
    };
    std::string out;
    out.reserve(line.size());
    for (char const c : line) {
        if (is_control(c)) {
            auto const byte = static_cast<unsigned char>(c);
            append(out, "\\x", kDigits.substr(byte >> 4U, 1), kDigits.substr(byte & 0xfU, 1));
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace

LogWriter::LogWriter(std::unique_ptr<LogOutput> output)
    : output_(std::move(output)), thread_([this] { work(); }) {}

LogWriter::~LogWriter() {
    {
        std::scoped_lock const lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void LogWriter::write(LogLevel level, std::string_view line) {
    put({.line = {.level = level, .time = wall_now(), .text = printable(line)},
         .output = nullptr,
         .reopen = false});
}

void LogWriter::replace(std::unique_ptr<LogOutput> output) {
    put({.line = {}, .output = std::move(output), .reopen = false});
}

void LogWriter::reopen() {
    put({.line = {.level = LogLevel::Notice, .time = wall_now(), .text = ""},
         .output = nullptr,
         .reopen = true});
}

void LogWriter::put(Item item) {
    {
        std::scoped_lock const lock(mutex_);
        std::size_t const size = sizeof(Item) + item.line.text.size();
        bool const is_line = item.output == nullptr && !item.reopen;
        if (is_line && bytes_ + size > kMostBytes) {
            ++dropped_;
            return;
        }
        bytes_ += size;
        items_.push_back(std::move(item));
    }
    wake_.notify_one();
}

void LogWriter::work() {
    for (;;) {
        std::deque<Item> items;
        std::size_t dropped = 0;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !items_.empty(); });
            if (items_.empty()) {
                return;
            }
            items.swap(items_);
            bytes_ = 0;
            std::swap(dropped, dropped_);
        }
        for (Item& item : items) {
            carry_out(item);
        }
        if (dropped > 0) {
            output_->write({.level = LogLevel::Warning,
                            .time = wall_now(),
                            .text = concat(dropped,
                                           " log lines were dropped: more than could be "
                                           "written")});
        }
    }
}

void LogWriter::carry_out(Item& item) {
    if (item.output != nullptr) {
        output_ = std::move(item.output);
        return;
    }
    if (item.reopen) {
        Result<void> const reopened = output_->reopen();
        if (reopened.ok()) {
            item.line.text = "File log re-opened";
        } else if (reopened.error().code() == Errc::Unavailable) {
            item.line.text = "File log re-open ignored, not a file logger";
        } else {
            item.line.level = LogLevel::Error;
            item.line.text = reopened.error().detail();
        }
    }
    output_->write(item.line);
}

}  // namespace signalbox::native
