#include "engine/host/jetstream/object_transfer.h"

#include "engine/base/encoding.h"
#include "engine/base/json_writer.h"
#include "engine/base/text.h"
#include "engine/host/jetstream/json_fields.h"
#include "engine/protocol/client_writer.h"

#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

namespace signalbox::host {

namespace {

/// With the padding that the convention wants.
std::string padded_base64_url(std::string_view bytes) {
    std::string text = base::to_base64_url(bytes);
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

std::string digest_text(std::string_view hash) {
    return concat("SHA-256=", padded_base64_url(hash));
}

/// A name that no other object's pieces have.
std::string new_nuid(World& world) {
    constexpr std::string_view kDigits =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::string nuid;
    for (int i = 0; i < 22; ++i) {
        nuid.push_back(kDigits[world.entropy().below(kDigits.size())]);
    }
    return nuid;
}

std::string part_of(std::string const& file) {
    return concat(file, ".part");
}

JetStreamAnswer failed(Error error, std::int64_t code = 0) {
    return {.error = std::move(error), .api_code = code};
}

}  // namespace

std::string object_subject(std::string_view bucket, std::string_view name) {
    return concat("$O.", bucket, ".M.", padded_base64_url(name));
}

ObjectUpload::ObjectUpload(JetStreamAsker& asker, UploadObject order, TaskSink sink)
    : asker_(asker), order_(std::move(order)), sink_(std::move(sink)) {}

ObjectUpload::~ObjectUpload() {
    if (!complete_ && pieces_ > 0) {
        purge(nuid_, [] {});
    }
}

void ObjectUpload::start() {
    std::error_code trouble;
    size_ = std::filesystem::file_size(order_.file, trouble);
    file_.open(order_.file, std::ios::binary);
    if (trouble || !file_) {
        finish(ApiFailure{Error(Errc::Io, concat("cannot read ", order_.file)), 0});
        return;
    }
    nuid_ = new_nuid(asker_.world());
    old_ = std::make_unique<LastReader>(
        asker_,
        ReadLast{concat("OBJ_", order_.bucket), {object_subject(order_.bucket, order_.name)}},
        [this](Result<LastRead> const& read) {
            if (!read.ok()) {
                finish(ApiFailure{read.error(), 0});
                return;
            }
            look_at_old(read.value().messages.front());
            send_more();
        });
    old_->start();
}

void ObjectUpload::look_at_old(StoredMessagePtr const& message) {
    if (!message) {
        return;
    }
    if (Result<Json> const json = Json::parse(message->payload); json.ok()) {
        old_nuid_ = fields::text(&json.value(), "nuid");
    }
}

void ObjectUpload::send_more() {
    std::string const subject = concat("$O.", order_.bucket, ".C.", nuid_);
    std::string piece;
    while (!read_all_ && under_way_ < kUnderWay && sink_.done) {
        piece.resize(kPiece);
        file_.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        piece.resize(static_cast<std::size_t>(file_.gcount()));
        read_all_ = !file_;
        if (file_.bad()) {
            finish(ApiFailure{Error(Errc::Io, concat("cannot read ", order_.file)), 0});
            return;
        }
        if (piece.empty()) {
            break;
        }
        digest_.add(piece);
        sent_ += piece.size();
        ++pieces_;
        ++under_way_;
        asker_.store(
            {.subject = subject, .payload = piece},
            [this, alive = std::weak_ptr(alive_)](StoredAt const&) {
                if (!alive.expired()) {
                    stored();
                }
            },
            [this, alive = std::weak_ptr(alive_)](ApiFailure const& failure) {
                if (!alive.expired()) {
                    finish(failure);
                }
            });
    }
    if (read_all_ && under_way_ == 0 && sink_.done) {
        describe();
    }
}

void ObjectUpload::stored() {
    --under_way_;
    sink_.progress(sent_, size_);
    send_more();
}

void ObjectUpload::describe() {
    hash_ = digest_text(digest_.finish());
    JsonWriter info;
    info.begin_object().field("name", order_.name);
    info.field_unless_empty("description", order_.description);
    info.key("options").begin_object().field("max_chunk_size", kPiece).end_object();
    info.field("bucket", order_.bucket).field("nuid", nuid_).field("size", sent_);
    info.field("mtime", std::string_view("0001-01-01T00:00:00Z")).field("chunks", pieces_);
    info.field("digest", hash_).end_object();
    std::array<std::pair<std::string, std::string>, 1> const headers{
        {{std::string("Nats-Rollup"), std::string("sub")}}};
    std::string const subject = object_subject(order_.bucket, order_.name);
    std::string const block = protocol::header_block(headers);
    asker_.store(
        {.subject = subject, .headers = block, .payload = info.text()},
        [this, alive = std::weak_ptr(alive_)](StoredAt const&) {
            if (alive.expired()) {
                return;
            }
            complete_ = true;
            if (old_nuid_.empty()) {
                finish(std::nullopt);
                return;
            }
            purge(old_nuid_, [this, alive] {
                if (!alive.expired()) {
                    finish(std::nullopt);
                }
            });
        },
        [this, alive = std::weak_ptr(alive_)](ApiFailure const& failure) {
            if (!alive.expired()) {
                finish(failure);
            }
        });
}

void ObjectUpload::purge(std::string const& nuid, std::function<void()> then) {
    JsonWriter body;
    body.begin_object().field("filter", concat("$O.", order_.bucket, ".C.", nuid)).end_object();
    asker_.ask(
        concat("STREAM.PURGE.OBJ_", order_.bucket), body.text(),
        [then](ApiReply const&) { then(); }, [then](ApiFailure const&) { then(); });
}

void ObjectUpload::finish(std::optional<ApiFailure> const& failure) {
    auto const done = std::exchange(sink_.done, nullptr);
    if (!done) {
        return;
    }
    JetStreamAnswer answer = failure ? failed(failure->error, failure->code) : JetStreamAnswer();
    if (!failure) {
        answer.what = Transferred{.bytes = sent_, .digest = hash_};
    }
    asker_.world().turn().defer(
        [done, answer = std::move(answer)]() mutable { done(std::move(answer)); });
}

ObjectDownload::ObjectDownload(JetStreamAsker& asker, DownloadObject order, TaskSink sink)
    : asker_(asker), order_(std::move(order)), sink_(std::move(sink)) {}

ObjectDownload::~ObjectDownload() {
    if (file_.is_open()) {
        file_.close();
        std::error_code ignored;
        std::filesystem::remove(part_of(order_.file), ignored);
    }
}

void ObjectDownload::start() {
    file_.open(part_of(order_.file), std::ios::binary | std::ios::trunc);
    if (!file_) {
        finish(Error(Errc::Io, concat("cannot write ", part_of(order_.file))));
        return;
    }
    if (order_.size == 0) {
        complete();
    } else {
        read_from(1);
    }
}

void ObjectDownload::read_from(std::uint64_t sequence) {
    MessageRange range{.stream = concat("OBJ_", order_.bucket),
                       .filter = concat("$O.", order_.bucket, ".C.", order_.nuid),
                       .sequence = sequence,
                       .limit = 64};
    reader_ = std::make_unique<MessageReader>(
        asker_, std::move(range), [this](Result<MessagesRead> const& read) { take(read); });
    reader_->start();
}

void ObjectDownload::take(Result<MessagesRead> const& read) {
    if (!read.ok()) {
        finish(read.error());
        return;
    }
    for (StoredMessagePtr const& piece : read.value().messages) {
        digest_.add(piece->payload);
        file_.write(piece->payload.data(), static_cast<std::streamsize>(piece->payload.size()));
        got_ += piece->payload.size();
    }
    if (!file_) {
        finish(Error(Errc::Io, concat("cannot write ", part_of(order_.file))));
        return;
    }
    sink_.progress(got_, order_.size);
    if (read.value().messages.empty() || got_ >= order_.size) {
        complete();
    } else {
        read_from(read.value().messages.back()->sequence + 1);
    }
}

void ObjectDownload::complete() {
    hash_ = digest_text(digest_.finish());
    if (got_ != order_.size) {
        finish(Error(Errc::Corrupt,
                     concat("the store has ", got_, " bytes of it, not ", order_.size)));
        return;
    }
    if (!order_.digest.empty() && order_.digest != hash_) {
        finish(Error(Errc::Corrupt, "its digest is not the one it was stored with"));
        return;
    }
    file_.close();
    std::error_code trouble;
    std::filesystem::rename(part_of(order_.file), order_.file, trouble);
    finish(trouble || file_.fail()
               ? std::optional(Error(Errc::Io, concat("cannot write ", order_.file)))
               : std::nullopt);
}

void ObjectDownload::finish(std::optional<Error> const& error) {
    auto const done = std::exchange(sink_.done, nullptr);
    if (!done) {
        return;
    }
    JetStreamAnswer answer = error ? failed(*error) : JetStreamAnswer();
    if (!error) {
        answer.what = Transferred{.bytes = got_, .digest = hash_};
    }
    asker_.world().turn().defer(
        [done, answer = std::move(answer)]() mutable { done(std::move(answer)); });
}

}  // namespace signalbox::host
