#include "gui/models/log_model.h"

#include "gui/models/figures.h"

#include <QCoreApplication>

namespace signalbox::gui {

namespace {

base::LogLevel levelOf(observe::LogRow const& row) {
    return static_cast<base::LogLevel>(row.level);
}

Tone toneOf(base::LogLevel level) {
    switch (level) {
        case base::LogLevel::Fatal:
        case base::LogLevel::Error:
            return Tone::Error;
        case base::LogLevel::Warning:
            return Tone::Warning;
        case base::LogLevel::Notice:
            return Tone::Accent;
        case base::LogLevel::Debug:
        case base::LogLevel::Trace:
            return Tone::Muted;
    }
    return Tone::Plain;
}

}  // namespace

QString levelName(base::LogLevel level) {
    switch (level) {
        case base::LogLevel::Fatal:
            return QCoreApplication::translate("log", "fatal");
        case base::LogLevel::Error:
            return QCoreApplication::translate("log", "error");
        case base::LogLevel::Warning:
            return QCoreApplication::translate("log", "warning");
        case base::LogLevel::Notice:
            return QCoreApplication::translate("log", "info");
        case base::LogLevel::Debug:
            return QCoreApplication::translate("log", "debug");
        case base::LogLevel::Trace:
            return QCoreApplication::translate("log", "trace");
    }
    return {};
}

LogModel::LogModel(QObject* parent, std::size_t limit)
    : QAbstractTableModel(parent), ring_(limit) {}

void LogModel::append(LogBatch const& rows) {
    FilteredRing<observe::LogRow>::Change const change = ring_.plan(rows);
    if (change.evicted > 0) {
        beginRemoveRows({}, 0, static_cast<int>(change.evicted) - 1);
        ring_.evict(change);
        endRemoveRows();
    }
    if (change.added.empty()) {
        ring_.append(rows, change);
        return;
    }
    int const first = static_cast<int>(ring_.shown());
    beginInsertRows({}, first, first + static_cast<int>(change.added.size()) - 1);
    ring_.append(rows, change);
    endInsertRows();
}

void LogModel::clear() {
    beginResetModel();
    ring_.clear();
    endResetModel();
}

void LogModel::setLevel(base::LogLevel level) {
    if (level_ != level) {
        level_ = level;
        applyFilter();
    }
}

void LogModel::setText(QString const& text) {
    if (text_ != text) {
        text_ = text;
        applyFilter();
    }
}

void LogModel::applyFilter() {
    beginResetModel();
    if (level_ == base::LogLevel::Trace && text_.isEmpty()) {
        ring_.setFilter({});
    } else {
        ring_.setFilter([level = level_, text = text_](observe::LogRow const& row) {
            return levelOf(row) <= level &&
                   (text.isEmpty() || wireText(row.text).contains(text, Qt::CaseInsensitive));
        });
    }
    endResetModel();
}

QString LogModel::line(int row) const {
    if (row < 0 || static_cast<std::size_t>(row) >= ring_.shown()) {
        return {};
    }
    observe::LogRow const& one = ring_.at(static_cast<std::size_t>(row));
    return QStringLiteral("%1 [%2] %3")
        .arg(dateText(one.time), levelName(levelOf(one)), wireText(one.text));
}

int LogModel::rowCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(ring_.shown());
}

int LogModel::columnCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(kColumns);
}

QVariant LogModel::data(QModelIndex const& index, int role) const {
    if (!index.isValid() || static_cast<std::size_t>(index.row()) >= ring_.shown()) {
        return {};
    }
    observe::LogRow const& row = ring_.at(static_cast<std::size_t>(index.row()));
    base::LogLevel const level = levelOf(row);
    switch (role) {
        case Qt::DisplayRole:
            if (index.column() == Time) {
                return clockText(row.time);
            }
            return index.column() == Text ? wireText(row.text) : QString();
        case Qt::AccessibleTextRole:
            return index.column() == Level ? levelName(level)
                                           : data(index, Qt::DisplayRole).toString();
        case Qt::ToolTipRole:
            return index.column() == Text ? wireText(row.text) : dateText(row.time);
        case BadgesRole:
            return index.column() == Level
                       ? QVariant::fromValue(Badges{{levelName(level), toneOf(level)}})
                       : QVariant();
        case ToneRole:
            if (index.column() == Time) {
                return static_cast<int>(Tone::Muted);
            }
            return static_cast<int>(level <= base::LogLevel::Error ? Tone::Error : Tone::Plain);
        default:
            return {};
    }
}

QVariant LogModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
        case Time:
            return tr("Time");
        case Level:
            return tr("Level");
        case Text:
            return tr("Line");
        default:
            return {};
    }
}

}  // namespace signalbox::gui
