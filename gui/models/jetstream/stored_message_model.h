#pragma once

#include "engine/host/jetstream/jetstream_order.h"

#include "gui/models/roles.h"

#include <QAbstractTableModel>

#include <vector>

namespace signalbox::gui {

/// The messages of a stream that were read last, in their order.
class StoredMessageModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column {
        Sequence,
        Time,
        Subject,
        Size,
        Headers,
        Preview,
        kColumns
    };

    using QAbstractTableModel::QAbstractTableModel;
    using Rows = std::vector<host::StoredMessagePtr>;

    void show(Rows rows);
    /// More of them behind those that are there; the first ones leave past `most`.
    void append(Rows const& rows, std::size_t most);
    Rows const& rows() const { return rows_; }
    host::StoredMessagePtr at(int row) const;
    /// The row of the first one at or after that sequence, or -1.
    int rowOf(quint64 sequence) const;

    int rowCount(QModelIndex const& parent = {}) const override;
    int columnCount(QModelIndex const& parent = {}) const override;
    QVariant data(QModelIndex const& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QString text(host::StoredMessage const& message, int column) const;

    Rows rows_;
};

/// The beginning of a payload on one line; what is no text, as its first bytes.
QString payloadPreview(std::string const& payload);

}  // namespace signalbox::gui
