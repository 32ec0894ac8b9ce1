#include "tests/support/run_tests.h"

#include <filesystem>

namespace signalbox {

/// The rules of the house, read from the tree.
class HouseTest : public QObject {
    Q_OBJECT

private slots:
    void the_list_of_rooms_is_where_the_readers_begin() {
        QVERIFY(std::filesystem::exists(support::source_dir() + "/engine/ROOMS"));
    }
};

SIGNALBOX_TEST(HouseTest);

}  // namespace signalbox

#include "house_test.moc"
