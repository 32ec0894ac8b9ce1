#include "gui/models/jetstream/stream_model.h"

#include "gui/models/figures.h"
#include "gui/models/jetstream/stream_text.h"

#include <QHash>

namespace signalbox::gui {

namespace {

double part(std::uint64_t used, std::int64_t limit) {
    return limit <= 0 ? 0 : static_cast<double>(used) / static_cast<double>(limit);
}

QString joined(std::vector<std::string> const& texts) {
    QStringList all;
    for (std::string const& one : texts) {
        all << wireText(one);
    }
    return all.join(QStringLiteral(", "));
}

bool isBehind(host::PeerFacts const& peer) {
    return !peer.error.empty() || peer.offline || !peer.current || peer.lag > 0;
}

}  // namespace

StreamPtr StreamModel::find(QString const& name) const {
    std::string const wanted = name.toStdString();
    auto const found = std::ranges::find(all(), wanted, &host::StreamFacts::name);
    return found == all().end() ? nullptr : *found;
}

LiveRows<StreamPtr>::Key StreamModel::keyOf(StreamPtr const& row) const {
    return static_cast<Key>(std::hash<std::string>()(row->name));
}

QString StreamModel::text(StreamPtr const& row, int column) const {
    host::StreamState const& state = row->state;
    switch (column) {
        case Name:
            return wireText(row->name);
        case Subjects:
            return row->mirror ? tr("mirror of %1").arg(wireText(row->mirror->name))
                               : joined(row->subjects);
        case Messages:
            return exactCount(state.messages);
        case Bytes:
            return shortBytes(static_cast<double>(state.bytes));
        case First:
            return exactCount(state.first);
        case Last:
            return exactCount(state.last);
        case LastTime:
            return state.last_time.is_set() ? ago(nowMs_ - millisecondsOf(state.last_time))
                                            : QString(QChar(0x2013));
        case Consumers:
            return exactCount(state.consumers);
        case Storage:
            return wireText(row->storage);
        case Retention:
            return wireText(row->retention);
        case Limits:
            return limitsText(row->limits);
        case Replicas:
            return QString::number(row->replicas);
        case Gaps:
            return exactCount(state.deleted);
        default:
            return {};
    }
}

QString StreamModel::tip(StreamPtr const& row, int column) const {
    switch (column) {
        case Name:
            return row->description.empty() ? wireText(row->name) : wireText(row->description);
        case Bytes:
            return row->limits.bytes > 0
                       ? tr("%1 of at most %2")
                             .arg(shortBytes(static_cast<double>(row->state.bytes)),
                                  shortBytes(static_cast<double>(row->limits.bytes)))
                       : tr("%1 bytes").arg(exactCount(row->state.bytes));
        case Messages:
            return row->limits.messages > 0
                       ? tr("%1 of at most %2")
                             .arg(exactCount(row->state.messages),
                                  exactCount(static_cast<quint64>(row->limits.messages)))
                       : text(row, column);
        case First:
            return row->state.first_time.is_set() ? dateText(row->state.first_time) : QString();
        case Last:
        case LastTime:
            return row->state.last_time.is_set() ? dateText(row->state.last_time) : QString();
        case Gaps:
            return tr("Sequences between the first and the last whose messages are gone");
        default:
            return text(row, column);
    }
}

std::partial_ordering StreamModel::compare(StreamPtr const& a, StreamPtr const& b,
                                           int column) const {
    switch (column) {
        case Messages:
            return a->state.messages <=> b->state.messages;
        case Bytes:
            return a->state.bytes <=> b->state.bytes;
        case First:
            return a->state.first <=> b->state.first;
        case Last:
            return a->state.last <=> b->state.last;
        case LastTime:
            return b->state.last_time <=> a->state.last_time;
        case Consumers:
            return a->state.consumers <=> b->state.consumers;
        case Storage:
            return a->storage <=> b->storage;
        case Retention:
            return a->retention <=> b->retention;
        case Replicas:
            return a->replicas <=> b->replicas;
        case Gaps:
            return a->state.deleted <=> b->state.deleted;
        case Subjects:
            return a->subjects <=> b->subjects;
        default:
            return a->name <=> b->name;
    }
}

bool StreamModel::matches(StreamPtr const& row, QString const& filter) const {
    return wireText(row->name).contains(filter, Qt::CaseInsensitive) ||
           joined(row->subjects).contains(filter, Qt::CaseInsensitive) ||
           wireText(row->description).contains(filter, Qt::CaseInsensitive);
}

Tone StreamModel::tone(StreamPtr const& row, int column) const {
    switch (column) {
        case Bytes:
            return part(row->state.bytes, row->limits.bytes) > 0.9 ? Tone::Warning : Tone::Plain;
        case Messages:
            return part(row->state.messages, row->limits.messages) > 0.9 ? Tone::Warning
                                                                         : Tone::Plain;
        case Storage:
        case Retention:
        case Limits:
            return Tone::Muted;
        case First:
        case Gaps:
        case Replicas:
            return Tone::Muted;
        default:
            return Tone::Plain;
    }
}

Badges StreamModel::badges(StreamPtr const& row, int column) const {
    if (column != Name) {
        return {};
    }
    Badges all;
    if (row->is_bucket()) {
        all.push_back({tr("key-value"), Tone::Accent});
    } else if (row->is_object_store()) {
        all.push_back({tr("objects"), Tone::Accent});
    }
    if (row->mirror) {
        all.push_back({tr("mirror"), isBehind(*row->mirror) ? Tone::Warning : Tone::Muted});
    }
    if (!row->sources.empty()) {
        bool const behind = std::ranges::any_of(row->sources, isBehind);
        all.push_back({tr("sources"), behind ? Tone::Warning : Tone::Muted});
    }
    if (row->sealed) {
        all.push_back({tr("sealed"), Tone::Muted});
    }
    if (row->state.lost > 0) {
        all.push_back({tr("lost messages"), Tone::Error});
    }
    if (std::ranges::any_of(row->copies, isBehind)) {
        all.push_back({tr("replica behind"), Tone::Warning});
    }
    return all;
}

std::optional<double> StreamModel::fraction(StreamPtr const& row, int column) const {
    if (column == Bytes && row->limits.bytes > 0) {
        return part(row->state.bytes, row->limits.bytes);
    }
    if (column == Messages && row->limits.messages > 0) {
        return part(row->state.messages, row->limits.messages);
    }
    return std::nullopt;
}

}  // namespace signalbox::gui
