#pragma once

#include "engine/base/result.h"
#include "engine/host/jetstream/stored_facts.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace signalbox::host {

/// One message as it lies in a stream.
struct StoredMessage {
    std::uint64_t sequence = 0;  ///< 0: there is none on that subject.
    WallTime time;
    std::string subject;
    std::string headers;  ///< The block as it was stored; empty: none.
    std::string payload;
};
using StoredMessagePtr = std::shared_ptr<StoredMessage const>;

/// Which messages of a stream are read, without a consumer and without consuming.
struct MessageRange {
    enum class From {
        Sequence,  ///< At it or after.
        Time,
        Before,  ///< The last ones before that sequence; 0: of all.
    };

    std::string stream;
    std::string filter;  ///< Empty: every subject.
    From from = From::Sequence;
    std::uint64_t sequence = 1;
    WallTime time;
    std::size_t limit = 100;
    /// Once so many bytes came, no more are read.
    std::size_t max_bytes = std::size_t{8} << 20;
};

/// How large the stream is, and its streams' page by page.
struct LookAtStreams {};
struct LookAtConsumers {
    std::string stream;
};
/// The subjects of a stream that match, with how many messages each has.
struct LookAtSubjects {
    std::string stream;
    std::string filter;
    std::size_t limit = 10'000;
};
struct ReadMessages {
    MessageRange range;
};
/// The newest message on each of these.
struct ReadLast {
    std::string stream;
    std::vector<std::string> subjects;
};
/// Any other request of the API, whose answer is handed on as it came.
struct AskApi {
    enum class Act {
        Look,
        Change,
    };
    Act act = Act::Look;
    std::string subject;  ///< Behind `$JS.API.`
    std::string body;
    Duration timeout = base::seconds(5);
};
/// Publishes a message that a stream is to keep.
struct StoreMessage {
    std::string subject;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string payload;
};
/// Puts a file into a bucket of the object store.
struct UploadObject {
    std::string bucket;
    std::string name;
    std::string description;
    std::string file;
};
struct DownloadObject {
    std::string bucket;
    std::string nuid;
    std::string digest;  ///< As the object's description has it; empty: not known.
    std::uint64_t size = 0;
    std::string file;  ///< Written beside it first, and renamed when all is there.
};
/// Into a folder, as the field's command line tool lays it out.
struct BackUpStream {
    std::string stream;
    std::string folder;
    bool consumers = true;
};
struct RestoreStream {
    std::string folder;
    std::string name;  ///< Empty: as it was.
};

using JetStreamOrder =
    std::variant<LookAtStreams, LookAtConsumers, LookAtSubjects, ReadMessages, ReadLast, AskApi,
                 StoreMessage, UploadObject, DownloadObject, BackUpStream, RestoreStream>;

/// Whether it changes what the server keeps.
bool is_change(JetStreamOrder const& order);

struct StreamsSeen {
    AccountUse account;
    FactsPage<StreamFacts> streams;
};
struct SubjectsSeen {
    std::vector<std::pair<std::string, std::uint64_t>> subjects;
    std::uint64_t total = 0;
};
struct MessagesRead {
    std::vector<StoredMessagePtr> messages;
    bool more = false;  ///< After the last of them; known only when reading forward.
    bool cut = false;   ///< They were too large for all that were wanted.
};
struct LastRead {
    std::vector<StoredMessagePtr> messages;  ///< In the order of the subjects.
};
struct ApiDocument {
    std::string json;
};
struct StoredAt {
    std::string stream;
    std::uint64_t sequence = 0;
    bool duplicate = false;
};
struct Transferred {
    std::uint64_t bytes = 0;
    std::string digest;
};

/// What became of an order.
struct JetStreamAnswer {
    std::uint64_t token = 0;
    std::optional<Error> error;
    std::int64_t api_code = 0;  ///< Of an error that JetStream itself answered: its `err_code`.
    std::variant<std::monostate, StreamsSeen, FactsPage<ConsumerFacts>, SubjectsSeen, MessagesRead,
                 LastRead, ApiDocument, StoredAt, Transferred>
        what;
};

/// How far a long one is.
struct JetStreamProgress {
    std::uint64_t token = 0;
    std::uint64_t done = 0;
    std::uint64_t total = 0;  ///< 0: not known.
};

}  // namespace signalbox::host
