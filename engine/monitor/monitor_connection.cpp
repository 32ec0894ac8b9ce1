#include "engine/monitor/monitor_connection.h"

#include "engine/base/text.h"
#include "engine/protocol/http_response.h"

#include <utility>

namespace signalbox::monitor {
namespace {

/// How long a refused peer may go on sending: closing at once would take the refusal from it.
constexpr Duration kLinger = base::seconds(1);

constexpr std::string_view kNoSniff = "X-Content-Type-Options: nosniff";
constexpr std::string_view kAnyOrigin = "Access-Control-Allow-Origin: *";
constexpr std::string_view kPolicy =
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

}  // namespace

MonitorConnection::MonitorConnection(World& world, MonitorPages& pages,
                                     MonitorSettings const& settings,
                                     std::unique_ptr<world::Link> link)
    : world_(world), pages_(pages), settings_(settings), link_(std::move(link)) {}

MonitorConnection::~MonitorConnection() {
    world_.timers().cancel(timer_);
}

void MonitorConnection::start(MonitorConnectionOwner& owner, MonitorConnectionId id) {
    owner_ = &owner;
    id_ = id;
    link_->start(*this);
    arm(settings_.idle_timeout);
}

void MonitorConnection::received(Bytes bytes) {
    if (closing_) {
        return;
    }
    parser_.feed(bytes);
    run();
}

void MonitorConnection::writable() {
    run();
}

void MonitorConnection::resume() {
    run();
}

void MonitorConnection::ended(world::LinkEnd, std::string_view) {
    owner_->remove(id_);
}

void MonitorConnection::run() {
    while (true) {
        switch (step()) {
            case Next::GoOn:
                break;
            case Next::Wait:
                read_or_pause();
                return;
            case Next::Yield:
                read_or_pause();
                owner_->resume_later(id_);
                return;
            case Next::Remove:
                owner_->remove(id_);
                return;
        }
    }
}

MonitorConnection::Next MonitorConnection::step() {
    if (!flush()) {
        return Next::Wait;
    }
    if (document_) {
        render_part();
        // Its first part leaves at once; the others take turns with whatever else is to do.
        return Next::Yield;
    }
    if (lingering_) {
        return Next::Wait;
    }
    if (closing_) {
        if (!discards_) {
            return Next::Remove;
        }
        lingering_ = true;
        arm(kLinger);
        return Next::Wait;
    }
    return take_request();
}

bool MonitorConnection::flush() {
    if (sent_ < out_.size()) {
        Bytes const rest = std::string_view(out_).substr(sent_);
        std::size_t const taken = link_->send(std::span<Bytes const>(&rest, 1));
        sent_ += taken;
        if (taken > 0) {
            arm(settings_.send_timeout);
        }
        if (sent_ < out_.size()) {
            return false;
        }
        arm(settings_.idle_timeout);
        in_request_ = false;
    }
    out_.clear();
    sent_ = 0;
    return true;
}

void MonitorConnection::render_part() {
    std::string part;
    bool const more = document_->append_part(part);
    protocol::append_http_chunk(out_, part);
    if (!more) {
        out_ += protocol::kLastHttpChunk;
        document_.reset();
    }
}

MonitorConnection::Next MonitorConnection::take_request() {
    auto next = parser_.next();
    if (!next.ok()) {
        refuse(parser_.refusal_status(), next.error().detail());
        return Next::GoOn;
    }
    if (next.value()) {
        begin(*next.value(), pages_.answer(*next.value()));
        return Next::GoOn;
    }
    // From its first byte on a request has so long, however slowly it drips in.
    if (parser_.is_within_request() && !in_request_) {
        in_request_ = true;
        arm(settings_.request_timeout);
    }
    return Next::Wait;
}

void MonitorConnection::begin(protocol::HttpRequest const& request, Answer answer) {
    bool const is_head = request.method == "HEAD";
    // HTTP/1.0 has no chunks: what is in parts is made whole.
    while (answer.rest && (request.version_1_0 || is_head)) {
        if (!answer.rest->append_part(answer.text)) {
            answer.rest.reset();
        }
    }
    protocol::HttpResponseHead head{
        .status = answer.status,
        .content_type = answer.content_type,
        .date = world_.clock().wall_now(),
        .keep_alive = request.keep_alive,
        .version_1_0 = request.version_1_0,
        .extra = {kNoSniff},
    };
    if (settings_.allow_any_origin) {
        head.extra.push_back(kAnyOrigin);
    }
    if (answer.content_type.starts_with("text/html")) {
        head.extra.push_back(kPolicy);
    }
    if (!answer.rest) {
        head.content_length = answer.text.size();
    }
    out_ += protocol::http_response_head(head);
    if (answer.rest) {
        protocol::append_http_chunk(out_, answer.text);
        document_ = std::move(answer.rest);
    } else if (!is_head) {
        out_ += answer.text;
    }
    closing_ = !request.keep_alive;
    // A body that is still on its way would turn the close into a reset.
    discards_ = closing_ && parser_.is_within_request();
}

void MonitorConnection::refuse(int status, std::string_view text) {
    std::string const body = concat(status, ' ', protocol::http_reason(status), ": ", text, '\n');
    out_ += protocol::http_response_head({
        .status = status,
        .content_type = kTextType,
        .date = world_.clock().wall_now(),
        .content_length = body.size(),
        .keep_alive = false,
        .extra = {kNoSniff},
    });
    out_ += body;
    closing_ = true;
    discards_ = true;
}

void MonitorConnection::read_or_pause() {
    // While an answer is on its way nothing is read but what is thrown away.
    bool const busy = (sent_ < out_.size() || document_) && !closing_;
    if (busy && !paused_) {
        link_->pause_reading();
    } else if (!busy && paused_) {
        link_->resume_reading();
    }
    paused_ = busy;
}

void MonitorConnection::arm(Duration timeout) {
    world_.timers().cancel(timer_);
    timer_ =
        world_.timers().call_at(world_.clock().now() + timeout, [this] { owner_->remove(id_); });
}

}  // namespace signalbox::monitor
