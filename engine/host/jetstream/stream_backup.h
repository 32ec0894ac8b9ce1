#pragma once

#include "engine/host/jetstream/jetstream_asker.h"
#include "engine/host/jetstream/jetstream_task.h"

#include <fstream>
#include <memory>
#include <optional>
#include <string>

namespace signalbox::host {

/// Writes a stream, with its messages and consumers, into a folder: `backup.json` has its settings
/// and state, and a file beside it the archive as the server sent it. That is how the field's
/// command line tool lays it out, and it restores what is written here.
class StreamBackup final : public JetStreamTask {
public:
    StreamBackup(JetStreamAsker& asker, BackUpStream order, TaskSink sink);
    ~StreamBackup() override;

    void start() override;

private:
    void begin(ApiReply const& reply);
    void take(client::Incoming const& piece);
    void write(std::string_view bytes);
    void complete();
    void wait();
    void finish(std::optional<Error> const& error, std::int64_t code = 0);

    JetStreamAsker& asker_;
    BackUpStream const order_;
    TaskSink sink_;
    client::Sid inbox_ = 0;
    std::string settings_;  ///< What becomes `backup.json`.
    std::ofstream file_;
    std::string path_;  ///< Of the archive; empty: not begun.
    std::uint64_t got_ = 0;
    std::uint64_t expected_ = 0;
    bool ended_ = false;
    world::TimerId patience_;
    std::shared_ptr<bool> const alive_ = std::make_shared<bool>(true);
};

/// Makes a stream anew of such a folder.
class StreamRestore final : public JetStreamTask {
public:
    StreamRestore(JetStreamAsker& asker, RestoreStream order, TaskSink sink);

    void start() override;

private:
    static constexpr std::size_t kPiece = 128 * 1'024;

    Result<std::string> read_settings();
    void send_next();
    void sent(Result<client::Reply> const& reply);
    void finish(std::optional<Error> const& error, std::int64_t code = 0);

    JetStreamAsker& asker_;
    RestoreStream const order_;
    TaskSink sink_;
    std::string name_;
    std::string archive_;
    std::ifstream file_;
    std::string to_;  ///< Where pieces go.
    std::uint64_t size_ = 0;
    std::uint64_t sent_ = 0;
    bool ending_ = false;
    std::shared_ptr<bool> const alive_ = std::make_shared<bool>(true);
};

}  // namespace signalbox::host
