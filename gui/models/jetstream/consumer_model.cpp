#include "gui/models/jetstream/consumer_model.h"

#include "gui/models/figures.h"
#include "gui/models/jetstream/stream_text.h"

#include <QCoreApplication>

namespace signalbox::gui {

namespace {

QString say(char const* text) {
    return QCoreApplication::translate("consumer", text);
}

/// Past so many times the time given for an ack, one is late rather than slow.
constexpr int kLateAcks = 3;
/// So long nobody has asked for a message before that counts as nobody asking.
constexpr base::Duration kNobodyAsks = base::seconds(10);

QString joined(std::vector<std::string> const& texts) {
    QStringList all;
    for (std::string const& one : texts) {
        all << wireText(one);
    }
    return all.join(QStringLiteral(", "));
}

QString age(base::WallTime time, base::WallTime now) {
    return time.is_set() ? ago(millisecondsOf(now) - millisecondsOf(time)) : QString(QChar(0x2013));
}

QString htmlRow(QString const& name, QString const& value) {
    return QStringLiteral("<tr><td style='padding:1px 12px 1px 0'>%1</td><td>%2</td></tr>")
        .arg(name.toHtmlEscaped(), value.toHtmlEscaped());
}

bool isFull(host::ConsumerFacts const& consumer) {
    std::int64_t const most = consumer.settings.max_ack_pending;
    return most > 0 && consumer.state.ack_pending >= static_cast<quint64>(most);
}

}  // namespace

QString stuckReason(host::ConsumerFacts const& consumer, base::WallTime now) {
    host::ConsumerState const& state = consumer.state;
    host::ConsumerSettings const& settings = consumer.settings;
    if (state.paused) {
        return say("It is paused for another %1.").arg(spanText(state.pause_remaining));
    }
    if (isFull(consumer)) {
        return say("As many messages as it may have out (%1) wait for an ack: nothing new is "
                   "delivered until one comes.")
            .arg(exactCount(static_cast<quint64>(settings.max_ack_pending)));
    }
    if (consumer.is_push() && !state.push_bound && state.pending > 0) {
        return say("%1 messages wait, and nobody is subscribed to %2.")
            .arg(exactCount(state.pending), wireText(settings.deliver_subject));
    }
    base::WallTime const delivered = state.delivered.last_active;
    bool const idle = !delivered.is_set() || now - delivered > kNobodyAsks;
    if (!consumer.is_push() && state.pending > 0 && state.waiting == 0 && idle) {
        return say("%1 messages wait, and nobody asks for them: no pull request is open.")
            .arg(exactCount(state.pending));
    }
    base::WallTime const acked = std::max(state.ack_floor.last_active, base::WallTime());
    base::Duration const late = settings.ack_wait * kLateAcks;
    bool const none_acked = !acked.is_set() || now - acked > late;
    if (state.ack_pending > 0 && settings.ack_wait.count() > 0 && none_acked &&
        delivered.is_set() && now - delivered > late) {
        return say("%1 messages were delivered and not acked for more than %2.")
            .arg(exactCount(state.ack_pending), spanText(late));
    }
    return {};
}

QString consumerHtml(host::ConsumerFacts const& consumer, base::WallTime now) {
    host::ConsumerState const& state = consumer.state;
    host::ConsumerSettings const& settings = consumer.settings;
    QString html = QStringLiteral("<h3>%1</h3>").arg(wireText(consumer.name).toHtmlEscaped());
    if (QString const why = stuckReason(consumer, now); !why.isEmpty()) {
        html += QStringLiteral("<p><b>⚠ %1</b></p>").arg(why.toHtmlEscaped());
    }
    if (!settings.description.empty()) {
        html += QStringLiteral("<p>%1</p>").arg(wireText(settings.description).toHtmlEscaped());
    }
    html += QStringLiteral("<table>");
    html += htmlRow(say("Kind"), consumer.is_push()
                                     ? say("pushes to %1").arg(wireText(settings.deliver_subject))
                                     : say("is pulled from"));
    html += htmlRow(say("Lasts"),
                    settings.durable.empty()
                        ? say("until unused for %1").arg(spanText(settings.inactive_threshold))
                        : say("until deleted"));
    html += htmlRow(say("Filters"),
                    settings.filters.empty() ? say("every subject") : joined(settings.filters));
    html += htmlRow(say("Begins with"), wireText(settings.deliver_policy));
    html += htmlRow(say("Acks"), wireText(settings.ack_policy));
    if (settings.ack_wait.count() > 0 && settings.ack_policy != "none") {
        html += htmlRow(say("Redelivers after"), spanText(settings.ack_wait));
    }
    html +=
        htmlRow(say("Most deliveries"),
                settings.max_deliver < 0 ? say("no limit")
                                         : exactCount(static_cast<quint64>(settings.max_deliver)));
    html += htmlRow(say("Most unacked"),
                    settings.max_ack_pending < 0
                        ? say("no limit")
                        : exactCount(static_cast<quint64>(settings.max_ack_pending)));
    html += QStringLiteral("</table><h4>%1</h4><table>").arg(say("Now"));
    html += htmlRow(say("Still to deliver"), exactCount(state.pending));
    html += htmlRow(say("Delivered, not acked"), exactCount(state.ack_pending));
    html += htmlRow(say("Delivered more than once"), exactCount(state.redelivered));
    html += htmlRow(say("Open pull requests"), exactCount(state.waiting));
    html += htmlRow(say("Last delivered"), say("sequence %1, %2")
                                               .arg(exactCount(state.delivered.stream_sequence),
                                                    age(state.delivered.last_active, now)));
    html += htmlRow(say("All acked up to"), say("sequence %1, %2")
                                                .arg(exactCount(state.ack_floor.stream_sequence),
                                                     age(state.ack_floor.last_active, now)));
    if (!settings.priority_policy.empty() && settings.priority_policy != "none") {
        html += htmlRow(say("Priority"), wireText(settings.priority_policy));
        html +=
            htmlRow(say("Pinned client"),
                    state.pinned_client.empty() ? say("nobody") : wireText(state.pinned_client));
    }
    html += htmlRow(say("Created"), dateText(consumer.created));
    if (!consumer.leader.empty()) {
        html += htmlRow(say("Leader"), wireText(consumer.leader));
    }
    return html + QStringLiteral("</table>");
}

LiveRows<ConsumerPtr>::Key ConsumerModel::keyOf(ConsumerPtr const& row) const {
    return static_cast<Key>(std::hash<std::string>()(row->name));
}

QString ConsumerModel::text(ConsumerPtr const& row, int column) const {
    host::ConsumerState const& state = row->state;
    switch (column) {
        case Name:
            return wireText(row->name);
        case Filters:
            return row->settings.filters.empty() ? tr("every subject")
                                                 : joined(row->settings.filters);
        case Pending:
            return exactCount(state.pending);
        case AckPending:
            return exactCount(state.ack_pending);
        case Redelivered:
            return exactCount(state.redelivered);
        case Waiting:
            return row->is_push() ? QString(QChar(0x2013)) : exactCount(state.waiting);
        case Delivered:
            return exactCount(state.delivered.stream_sequence);
        case AckFloor:
            return exactCount(state.ack_floor.stream_sequence);
        case LastDelivery:
            return age(state.delivered.last_active, now_);
        case LastAck:
            return age(state.ack_floor.last_active, now_);
        case Acks:
            return wireText(row->settings.ack_policy);
        default:
            return {};
    }
}

QString ConsumerModel::tip(ConsumerPtr const& row, int column) const {
    if (column == Name) {
        QString const why = stuckReason(*row, now_);
        return why.isEmpty() ? wireText(row->name) : why;
    }
    if (column == LastDelivery && row->state.delivered.last_active.is_set()) {
        return dateText(row->state.delivered.last_active);
    }
    if (column == LastAck && row->state.ack_floor.last_active.is_set()) {
        return dateText(row->state.ack_floor.last_active);
    }
    return text(row, column);
}

std::partial_ordering ConsumerModel::compare(ConsumerPtr const& a, ConsumerPtr const& b,
                                             int column) const {
    switch (column) {
        case Filters:
            return a->settings.filters <=> b->settings.filters;
        case Pending:
            return a->state.pending <=> b->state.pending;
        case AckPending:
            return a->state.ack_pending <=> b->state.ack_pending;
        case Redelivered:
            return a->state.redelivered <=> b->state.redelivered;
        case Waiting:
            return a->state.waiting <=> b->state.waiting;
        case Delivered:
            return a->state.delivered.stream_sequence <=> b->state.delivered.stream_sequence;
        case AckFloor:
            return a->state.ack_floor.stream_sequence <=> b->state.ack_floor.stream_sequence;
        case LastDelivery:
            return b->state.delivered.last_active <=> a->state.delivered.last_active;
        case LastAck:
            return b->state.ack_floor.last_active <=> a->state.ack_floor.last_active;
        case Acks:
            return a->settings.ack_policy <=> b->settings.ack_policy;
        default:
            return a->name <=> b->name;
    }
}

bool ConsumerModel::matches(ConsumerPtr const& row, QString const& filter) const {
    return wireText(row->name).contains(filter, Qt::CaseInsensitive) ||
           joined(row->settings.filters).contains(filter, Qt::CaseInsensitive);
}

Tone ConsumerModel::tone(ConsumerPtr const& row, int column) const {
    switch (column) {
        case AckPending:
            return isFull(*row) ? Tone::Warning : Tone::Plain;
        case Redelivered:
            return row->state.redelivered > 0 ? Tone::Warning : Tone::Muted;
        case Acks:
        case Waiting:
            return Tone::Muted;
        default:
            return Tone::Plain;
    }
}

Badges ConsumerModel::badges(ConsumerPtr const& row, int column) const {
    if (column != Name) {
        return {};
    }
    Badges all;
    if (row->state.paused) {
        all.push_back({tr("paused"), Tone::Warning});
    } else if (!stuckReason(*row, now_).isEmpty()) {
        all.push_back({tr("stuck"), Tone::Error});
    }
    all.push_back({row->is_push() ? tr("push") : tr("pull"), Tone::Muted});
    if (row->settings.durable.empty()) {
        all.push_back({tr("ephemeral"), Tone::Muted});
    }
    if (!row->state.pinned_client.empty()) {
        all.push_back({tr("pinned"), Tone::Accent});
    }
    return all;
}

std::optional<double> ConsumerModel::fraction(ConsumerPtr const& row, int column) const {
    auto const part = [](quint64 used, quint64 whole) {
        return static_cast<double>(used) / static_cast<double>(whole);
    };
    if (column == Pending && messages_ > 0) {
        return part(row->state.pending, messages_);
    }
    if (column == AckPending && row->settings.max_ack_pending > 0) {
        return part(row->state.ack_pending, static_cast<quint64>(row->settings.max_ack_pending));
    }
    return std::nullopt;
}

}  // namespace signalbox::gui
