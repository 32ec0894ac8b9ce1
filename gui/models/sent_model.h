#pragma once

#include "engine/host/command.h"

#include "gui/models/roles.h"
#include "gui/source/data_source.h"

#include <QAbstractTableModel>
#include <QDateTime>

#include <deque>

namespace signalbox::gui {

/// One thing sent from the publish page, and what came of it.
struct SentRow {
    enum class State {
        UnderWay,
        Sent,
        Answered,
        NoResponders,
        Failed,
    };

    JobToken token = 0;
    QDateTime time;
    host::OutgoingMessage message;
    int times = 1;
    int done = 0;
    bool request = false;
    State state = State::UnderWay;
    QString result;
    host::Reply reply;
};

/// What was sent, newest first.
class SentModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column {
        Time,
        Kind,
        Subject,
        Size,
        Result,
        kColumns
    };
    static constexpr std::size_t kLimit = 500;

    using QAbstractTableModel::QAbstractTableModel;

    void add(SentRow row);
    SentRow const* rowAt(int row) const;

    /// Counts one more of the newest row with that token as done.
    void progress(JobToken token, int done);
    void finish(JobToken token, SentRow::State state, QString const& result,
                std::optional<host::Reply> const& reply = std::nullopt);

    int rowCount(QModelIndex const& parent = {}) const override;
    int columnCount(QModelIndex const& parent = {}) const override;
    QVariant data(QModelIndex const& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    SentRow* find(JobToken token, int& row);
    QString text(SentRow const& row, int column) const;

    std::deque<SentRow> rows_;
};

}  // namespace signalbox::gui
