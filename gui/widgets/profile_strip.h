#pragma once

#include "gui/source/data_source.h"

#include <QWidget>

class QLabel;

namespace signalbox::gui {

/// Along the window's top edge: which server one looks at, in its profile's colour, and whether one
/// can do more than look.
class ProfileStrip : public QWidget {
    Q_OBJECT

public:
    explicit ProfileStrip(QWidget* parent = nullptr);

    void show(SourceTitle const& title, QString const& url, BrokerState state);

private:
    QLabel* name_;
    QLabel* place_;
    QLabel* may_;
};

}  // namespace signalbox::gui
