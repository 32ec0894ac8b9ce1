#pragma once

#include "engine/compress/encoder.h"
#include "engine/dispatch/internal_client.h"
#include "engine/monitor/document.h"
#include "engine/system/publisher.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace signalbox::system {

/// Who waits for an answer, and how he reads it.
struct Asker {
    std::string account;
    std::string reply;
    compress::Encoding encoding = compress::Encoding::Identity;
    bool asked_for_encoding = false;
};

/// Of a request that came in `account`.
Asker asker_of(std::string_view account, dispatch::ReceivedMessage const& request);

/// Whether an error stands beside a `data` that is null, as where documents are asked for.
enum class BesideError {
    Nothing,
    NullData
};

/// Writes the answers of services: the envelope with the server around a document, compressed when
/// the asker reads that. A long document is written part by part, each in a turn of its own, so
/// that it holds up nobody.
class Answers {
public:
    /// The server's client of an account; null: it has none there any more.
    using FindClient = std::function<dispatch::InternalClient*(std::string_view account)>;

    Answers(world::Turn& turn, Publisher& publisher, FindClient find_client)
        : turn_(turn), publisher_(publisher), find_client_(std::move(find_client)) {}
    ~Answers() { *alive_ = false; }

    Answers(Answers const&) = delete;
    Answers& operator=(Answers const&) = delete;

    /// `{"server":…,"data":…}`
    void send(Asker const& to, monitor::Answer document);
    /// `{"server":…,"error":{"code":…,"description":…}}`
    void send_error(Asker const& to, int code, std::string_view text,
                    BesideError beside = BesideError::Nothing);
    /// `{"server":…}`: what was asked for is done.
    void send_done(Asker const& to);
    /// As it is, without an envelope.
    void send_plain(Asker const& to, std::string_view text);

private:
    struct Writing {
        Asker to;
        std::unique_ptr<compress::Encoder> encoder;
        std::unique_ptr<monitor::Document> rest;
        std::string_view end;
    };

    void write_on(std::shared_ptr<Writing> const& writing);
    void finish(Writing& writing);
    std::string server();

    world::Turn& turn_;
    Publisher& publisher_;
    FindClient find_client_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< For what is deferred.
};

}  // namespace signalbox::system
