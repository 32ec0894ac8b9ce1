#pragma once

#include "engine/crypto/digest.h"
#include "engine/host/jetstream/jetstream_asker.h"
#include "engine/host/jetstream/jetstream_task.h"
#include "engine/host/jetstream/message_reader.h"

#include <fstream>
#include <memory>
#include <optional>
#include <string>

namespace signalbox::host {

/// The subject that describes an object of a bucket (ADR-20).
std::string object_subject(std::string_view bucket, std::string_view name);

/// Puts a file into a bucket: its pieces first, then the description that makes them an object,
/// then what an older object of that name left. Given up or failed, its pieces are purged.
class ObjectUpload final : public JetStreamTask {
public:
    ObjectUpload(JetStreamAsker& asker, UploadObject order, TaskSink sink);
    ~ObjectUpload() override;

    void start() override;

private:
    static constexpr std::size_t kPiece = 128 * 1'024;
    static constexpr std::size_t kUnderWay = 8;

    void look_at_old(StoredMessagePtr const& message);
    void send_more();
    void stored();
    void describe();
    void purge(std::string const& nuid, std::function<void()> then);
    void finish(std::optional<ApiFailure> const& failure);

    JetStreamAsker& asker_;
    UploadObject const order_;
    TaskSink sink_;
    std::ifstream file_;
    crypto::Sha256 digest_;
    std::string hash_;  ///< Once all was read.
    std::string nuid_;
    std::string old_nuid_;
    std::uint64_t size_ = 0;
    std::uint64_t sent_ = 0;
    std::uint64_t pieces_ = 0;
    std::size_t under_way_ = 0;
    bool read_all_ = false;
    bool complete_ = false;  ///< Described: its pieces stay.
    std::unique_ptr<LastReader> old_;
    std::shared_ptr<bool> const alive_ = std::make_shared<bool>(true);
};

/// Takes an object's pieces out into a file, without a consumer, and checks their digest.
class ObjectDownload final : public JetStreamTask {
public:
    ObjectDownload(JetStreamAsker& asker, DownloadObject order, TaskSink sink);
    ~ObjectDownload() override;

    void start() override;

private:
    void read_from(std::uint64_t sequence);
    void take(Result<MessagesRead> const& read);
    void complete();
    void finish(std::optional<Error> const& error);

    JetStreamAsker& asker_;
    DownloadObject const order_;
    TaskSink sink_;
    std::ofstream file_;
    crypto::Sha256 digest_;
    std::string hash_;
    std::uint64_t got_ = 0;
    std::unique_ptr<MessageReader> reader_;
};

}  // namespace signalbox::host
