#include "gui/models/event_model.h"

#include "gui/models/connection_model.h"
#include "gui/models/figures.h"

#include <QCoreApplication>

namespace signalbox::gui {

namespace {

QString say(char const* text) {
    return QCoreApplication::translate("event", text);
}

}  // namespace

QString eventName(observe::EventKind kind) {
    switch (kind) {
        case observe::EventKind::ServerReady:
            return say("ready");
        case observe::EventKind::ServerStopped:
            return say("stopped");
        case observe::EventKind::ConnectionOpened:
            return say("connected");
        case observe::EventKind::ConnectionIdentified:
            return say("identified");
        case observe::EventKind::ConnectionClosed:
            return say("closed");
        case observe::EventKind::AuthenticationFailed:
            return say("refused");
        case observe::EventKind::SlowConsumer:
            return say("slow consumer");
        case observe::EventKind::ConfigurationReloaded:
            return say("reloaded");
        case observe::EventKind::ConfigurationRefused:
            return say("reload refused");
    }
    return {};
}

Tone eventTone(observe::EventKind kind) {
    switch (kind) {
        case observe::EventKind::ServerReady:
        case observe::EventKind::ConfigurationReloaded:
            return Tone::Good;
        case observe::EventKind::SlowConsumer:
            return Tone::Warning;
        case observe::EventKind::AuthenticationFailed:
        case observe::EventKind::ConfigurationRefused:
            return Tone::Error;
        case observe::EventKind::ConnectionOpened:
        case observe::EventKind::ConnectionIdentified:
            return Tone::Accent;
        case observe::EventKind::ServerStopped:
        case observe::EventKind::ConnectionClosed:
            return Tone::Muted;
    }
    return Tone::Plain;
}

void EventModel::append(EventBatch const& rows) {
    if (rows.empty()) {
        return;
    }
    if (rows_.size() + rows.size() > kLimit) {
        std::size_t const keep = rows.size() >= kLimit ? 0 : (kLimit - rows.size()) * 9 / 10;
        if (keep < rows_.size()) {
            beginRemoveRows({}, static_cast<int>(keep), static_cast<int>(rows_.size()) - 1);
            rows_.resize(keep);
            endRemoveRows();
        }
    }
    beginInsertRows({}, 0, static_cast<int>(rows.size()) - 1);
    for (observe::EventRow const& row : rows) {
        rows_.push_front(row);
    }
    endInsertRows();
}

void EventModel::clear() {
    beginResetModel();
    rows_.clear();
    endResetModel();
}

int EventModel::rowCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int EventModel::columnCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(kColumns);
}

QVariant EventModel::data(QModelIndex const& index, int role) const {
    if (!index.isValid() || static_cast<std::size_t>(index.row()) >= rows_.size()) {
        return {};
    }
    observe::EventRow const& row = rows_[static_cast<std::size_t>(index.row())];
    switch (role) {
        case Qt::DisplayRole:
            return index.column() == Kind ? QString() : text(row, index.column());
        case Qt::AccessibleTextRole:
            return text(row, index.column());
        case Qt::ToolTipRole:
            return index.column() == Time ? dateText(row.time) : text(row, Text);
        case BadgesRole:
            return index.column() == Kind
                       ? QVariant::fromValue(Badges{{eventName(row.kind), eventTone(row.kind)}})
                       : QVariant();
        case ToneRole:
            return static_cast<int>(index.column() == Time ? Tone::Muted : Tone::Plain);
        default:
            return {};
    }
}

QString EventModel::text(observe::EventRow const& row, int column) const {
    switch (column) {
        case Time:
            return clockText(row.time);
        case Kind:
            return eventName(row.kind);
        case Text: {
            QString said = wireText(row.text);
            if (row.connection == nullptr) {
                return said;
            }
            QString const who = connectionText(*row.connection);
            return said.isEmpty() ? who : QStringLiteral("%1: %2").arg(who, said);
        }
        default:
            return {};
    }
}

QVariant EventModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
        case Time:
            return tr("Time");
        case Kind:
            return tr("Event");
        case Text:
            return tr("What happened");
        default:
            return {};
    }
}

}  // namespace signalbox::gui
