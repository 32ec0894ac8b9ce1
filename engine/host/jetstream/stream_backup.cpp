#include "engine/host/jetstream/stream_backup.h"

#include "engine/base/json_writer.h"
#include "engine/base/text.h"
#include "engine/host/jetstream/json_fields.h"

#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

namespace signalbox::host {

namespace {

constexpr std::string_view kSettings = "backup.json";
/// An archive of messages, as nats-server writes it since 2.15, and one of a folder of storage.
constexpr std::string_view kArchive = "stream.arc.s2";
constexpr std::string_view kOldArchive = "stream.tar.s2";

std::string in_folder(std::string const& folder, std::string_view name) {
    return (std::filesystem::path(folder) / std::string(name)).string();
}

/// What the archive begins with lies uncompressed in its first block, for nothing came before it.
std::string_view archive_name(std::string_view head) {
    return head.substr(0, 64).find("NATSARC1") == std::string_view::npos ? kOldArchive : kArchive;
}

void write_json(JsonWriter& out, Json const& json) {
    if (auto const* const object = json.as_object()) {
        out.begin_object();
        for (auto const& [name, value] : *object) {
            out.key(name);
            write_json(out, value);
        }
        out.end_object();
    } else if (auto const* const array = json.as_array()) {
        out.begin_array();
        for (Json const& one : *array) {
            write_json(out, one);
        }
        out.end_array();
    } else if (std::string const* const text = json.as_text()) {
        out.value(*text);
    } else if (bool const* const yes = json.as_bool()) {
        out.value(*yes);
    } else if (std::optional<std::int64_t> const number = json.as_int()) {
        out.value(*number);
    } else if (std::optional<double> const fraction = json.as_double()) {
        out.value(*fraction);
    } else {
        out.null();
    }
}

/// The stream's settings and state, and nothing else of the document. `name` empty: as it says.
std::string settings_of(Json const& document, std::string const& name, int indent) {
    JsonWriter out(indent);
    out.begin_object().key("config").begin_object();
    Json const* const config = document.find("config");
    if (config != nullptr && config->as_object() != nullptr) {
        for (auto const& [key, value] : *config->as_object()) {
            if (key == "name" && !name.empty()) {
                out.field("name", name);
                continue;
            }
            out.key(key);
            write_json(out, value);
        }
    }
    out.end_object().key("state");
    if (Json const* const state = document.find("state")) {
        write_json(out, *state);
    } else {
        out.begin_object().end_object();
    }
    return out.end_object().take();
}

}  // namespace

StreamBackup::StreamBackup(JetStreamAsker& asker, BackUpStream order, TaskSink sink)
    : asker_(asker), order_(std::move(order)), sink_(std::move(sink)) {}

StreamBackup::~StreamBackup() {
    asker_.world().timers().cancel(patience_);
    if (inbox_ != 0) {
        asker_.client().unsubscribe(inbox_);
    }
    if (file_.is_open()) {
        file_.close();
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
}

void StreamBackup::start() {
    std::error_code trouble;
    std::filesystem::create_directories(order_.folder, trouble);
    if (trouble) {
        finish(Error(Errc::Io, concat("cannot make the folder ", order_.folder)));
        return;
    }
    if (std::filesystem::exists(in_folder(order_.folder, kSettings), trouble)) {
        finish(Error(Errc::AlreadyExists, concat("a backup lies in ", order_.folder, " already")));
        return;
    }
    std::string const inbox = asker_.new_inbox();
    Result<client::Sid> const sid = asker_.client().subscribe(
        inbox, {}, [this](client::Incoming const& piece) { take(piece); });
    if (!sid.ok()) {
        finish(sid.error());
        return;
    }
    inbox_ = sid.value();
    JsonWriter body;
    body.begin_object().field("deliver_subject", inbox);
    body.field("no_consumers", !order_.consumers).field("chunk_size", 128 * 1'024).end_object();
    asker_.ask(
        concat("STREAM.SNAPSHOT.", order_.stream), body.text(),
        [this, alive = std::weak_ptr(alive_)](ApiReply const& reply) {
            if (!alive.expired()) {
                begin(reply);
            }
        },
        [this, alive = std::weak_ptr(alive_)](ApiFailure const& failure) {
            if (!alive.expired()) {
                finish(failure.error, failure.code);
            }
        },
        base::seconds(30));
    wait();
}

void StreamBackup::begin(ApiReply const& reply) {
    settings_ = settings_of(reply.json, {}, 2);
    expected_ = fields::count(reply.json.find("state"), "bytes");
    if (ended_) {
        complete();
    }
}

void StreamBackup::take(client::Incoming const& piece) {
    wait();
    int const status = status_of(piece.headers);
    if (status >= 400) {
        finish(Error(Errc::Unavailable, concat("the server broke off: ", status_text(piece.headers),
                                               " (", status, ")")));
        return;
    }
    if (piece.payload.empty()) {
        ended_ = true;
        if (!settings_.empty()) {
            complete();
        }
        return;
    }
    write(piece.payload);
    if (!piece.reply.empty() && sink_.done) {
        // What is not acknowledged holds up the rest.
        if (Result<void> const sent = asker_.client().publish({.subject = piece.reply});
            !sent.ok()) {
            finish(sent.error());
        }
    }
}

void StreamBackup::write(std::string_view bytes) {
    if (path_.empty()) {
        path_ = in_folder(order_.folder, archive_name(bytes));
        file_.open(path_, std::ios::binary | std::ios::trunc);
    }
    file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    got_ += bytes.size();
    if (!file_) {
        finish(Error(Errc::Io, concat("cannot write ", path_)));
        return;
    }
    sink_.progress(got_, expected_);
}

void StreamBackup::complete() {
    file_.close();
    std::string const path = in_folder(order_.folder, kSettings);
    std::ofstream settings(path, std::ios::binary | std::ios::trunc);
    settings << settings_;
    settings.close();
    bool const good = !settings.fail() && !file_.fail() && got_ > 0;
    finish(good ? std::nullopt
                : std::optional(Error(Errc::Io, concat("cannot write ", order_.folder))));
}

void StreamBackup::wait() {
    constexpr Duration kPatience = base::seconds(30);
    world::Timers& timers = asker_.world().timers();
    timers.cancel(patience_);
    patience_ = timers.call_at(asker_.world().clock().now() + kPatience, [this] {
        patience_ = {};
        finish(Error(Errc::TimedOut, "the server sent no more"));
    });
}

void StreamBackup::finish(std::optional<Error> const& error, std::int64_t code) {
    asker_.world().timers().cancel(std::exchange(patience_, {}));
    auto const done = std::exchange(sink_.done, nullptr);
    if (!done) {
        return;
    }
    JetStreamAnswer answer{.error = error, .api_code = code};
    if (!error) {
        answer.what = Transferred{.bytes = got_};
    }
    asker_.world().turn().defer(
        [done, answer = std::move(answer)]() mutable { done(std::move(answer)); });
}

StreamRestore::StreamRestore(JetStreamAsker& asker, RestoreStream order, TaskSink sink)
    : asker_(asker), order_(std::move(order)), sink_(std::move(sink)) {}

/// The request's body.
Result<std::string> StreamRestore::read_settings() {
    std::string const path = in_folder(order_.folder, kSettings);
    std::ifstream file(path, std::ios::binary);
    std::string const text(std::istreambuf_iterator<char>(file), {});
    Result<Json> const json = Json::parse(text);
    if (!file || !json.ok()) {
        return Error(Errc::NotFound,
                     concat("no backup lies in ", order_.folder, ": it has a file backup.json"));
    }
    name_ = order_.name.empty() ? fields::text(json.value().find("config"), "name") : order_.name;
    if (name_.empty()) {
        return Error(Errc::Malformed, concat(path, " names no stream"));
    }
    for (std::string_view const name : {kArchive, kOldArchive}) {
        std::error_code trouble;
        std::string const archive = in_folder(order_.folder, name);
        if (std::uint64_t const size = std::filesystem::file_size(archive, trouble); !trouble) {
            archive_ = archive;
            size_ = size;
            return settings_of(json.value(), name_, 0);
        }
    }
    return Error(Errc::NotFound, concat("there is no archive in ", order_.folder));
}

void StreamRestore::start() {
    Result<std::string> const settings = read_settings();
    if (!settings.ok()) {
        finish(settings.error());
        return;
    }
    file_.open(archive_, std::ios::binary);
    asker_.ask(
        concat("STREAM.RESTORE.", name_), settings.value(),
        [this, alive = std::weak_ptr(alive_)](ApiReply const& reply) {
            if (alive.expired()) {
                return;
            }
            to_ = fields::text(&reply.json, "deliver_subject");
            if (to_.empty()) {
                finish(Error(Errc::Malformed, "the server does not say where to send it"));
            } else {
                send_next();
            }
        },
        [this, alive = std::weak_ptr(alive_)](ApiFailure const& failure) {
            if (!alive.expired()) {
                finish(failure.error, failure.code);
            }
        },
        base::seconds(30));
}

void StreamRestore::send_next() {
    std::string piece(kPiece, '\0');
    file_.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    piece.resize(static_cast<std::size_t>(file_.gcount()));
    if (file_.bad()) {
        finish(Error(Errc::Io, concat("cannot read ", archive_)));
        return;
    }
    ending_ = piece.empty();
    sent_ += piece.size();
    Result<void> const asked = asker_.client().request(
        {.subject = to_, .payload = piece}, base::seconds(60),
        [this, alive = std::weak_ptr(alive_)](Result<client::Reply> const& reply) {
            if (!alive.expired()) {
                sent(reply);
            }
        });
    if (!asked.ok()) {
        finish(asked.error());
    }
}

void StreamRestore::sent(Result<client::Reply> const& reply) {
    if (!reply.ok()) {
        finish(reply.error());
        return;
    }
    if (!reply.value().payload.empty()) {
        Result<Json> const json = Json::parse(reply.value().payload);
        Json const* const error = json.ok() ? json.value().find("error") : nullptr;
        if (error != nullptr) {
            std::int64_t const code = fields::number(error, "err_code");
            finish(Error(Errc::InvalidArgument,
                         concat(fields::text(error, "description"), " (", code, ")")),
                   code);
            return;
        }
    }
    if (ending_) {
        finish(std::nullopt);
        return;
    }
    sink_.progress(sent_, size_);
    send_next();
}

void StreamRestore::finish(std::optional<Error> const& error, std::int64_t code) {
    auto const done = std::exchange(sink_.done, nullptr);
    if (!done) {
        return;
    }
    JetStreamAnswer answer{.error = error, .api_code = code};
    if (!error) {
        answer.what = Transferred{.bytes = sent_};
    }
    asker_.world().turn().defer(
        [done, answer = std::move(answer)]() mutable { done(std::move(answer)); });
}

}  // namespace signalbox::host
